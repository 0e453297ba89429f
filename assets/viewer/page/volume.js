// The loudness that a person chose, kept from one visit to the next.

const KEY = 'volume'

/** @returns {number} between 0 and 1 */
export function storedVolume () {
  try {
    const stored = Number(localStorage.getItem(KEY) ?? 1)
    return stored >= 0 && stored <= 1 ? stored : 1
  } catch {
    // The browser was told to keep nothing.
    return 1
  }
}

/** @param {number} volume between 0 and 1 */
export function storeVolume (volume) {
  try {
    localStorage.setItem(KEY, String(volume))
  } catch {
    // Then it is kept for this visit only.
  }
}

/**
 * Whether this browser lets a page set the volume; iPhones leave it to their buttons.
 * @param {HTMLVideoElement} video
 */
export function volumeCanBeSet (video) {
  const before = video.volume
  video.volume = before > 0.5 ? 0.25 : 0.75
  const set = video.volume !== before
  video.volume = before
  return set
}
