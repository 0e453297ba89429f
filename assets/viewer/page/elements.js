// The page's elements, by what they are for.

/** All that index.html names. */
export const elements = {
  stage: find('stage', HTMLElement),
  video: find('video', HTMLVideoElement),
  noticeTitle: find('notice-title', HTMLElement),
  noticeText: find('notice-text', HTMLElement),
  tapForSound: find('tap-for-sound', HTMLButtonElement),
  controls: find('controls', HTMLElement),
  play: find('play', HTMLButtonElement),
  mute: find('mute', HTMLButtonElement),
  volume: find('volume', HTMLInputElement),
  edge: find('edge', HTMLButtonElement),
  numbersToggle: find('numbers-toggle', HTMLButtonElement),
  pip: find('pip', HTMLButtonElement),
  fullScreen: find('full-screen', HTMLButtonElement),
  title: find('title', HTMLElement),
  badge: find('badge', HTMLElement),
  viewers: find('viewers', HTMLElement),
  announcement: find('announcement', HTMLElement),
  numbers: find('numbers', HTMLElement),
  delay: find('number-delay', HTMLElement),
  buffer: find('number-buffer', HTMLElement),
  fromStreamer: find('number-from-streamer', HTMLElement),
  fromViewers: find('number-from-viewers', HTMLElement),
  given: find('number-given', HTMLElement),
  neighbours: find('number-neighbours', HTMLElement)
}

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
function find (id, type) {
  const element = document.getElementById(id)
  if (element instanceof type) return element
  throw new Error(`index.html has no '${id}'`)
}
