// The keys that video players share. None of them seeks: this is live.

/** @typedef {import('./sound.js').Sound} Sound */
/** @typedef {import('./screen.js').Screen} Screen */
/** @typedef {import('./controls.js').Controls} Controls */

/**
 * @param {Sound} sound
 * @param {Screen} screen
 * @param {Controls} controls
 */
export function listenToKeys (sound, screen, controls) {
  /** @type {Record<string, () => void>} */
  const keys = {
    ' ': () => sound.togglePlaying(),
    k: () => sound.togglePlaying(),
    m: () => sound.toggleMute(),
    f: () => screen.toggleFullScreen(),
    i: () => screen.togglePictureInPicture(),
    n: () => controls.toggleCarrying(),
    ArrowUp: () => sound.louder(),
    ArrowDown: () => sound.softer()
  }
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    const act = keys[key]
    if (act === undefined || isForFocused(event)) return
    event.preventDefault()
    if (event.repeat && !key.startsWith('Arrow')) return
    act()
    controls.stir()
  })
}

/**
 * Whether the focused element has a use of its own for the key.
 * @param {KeyboardEvent} event
 */
function isForFocused ({ key, target }) {
  if (target instanceof HTMLButtonElement) return key === ' '
  if (target instanceof HTMLInputElement) return target.type === 'checkbox' ? key === ' ' : key.startsWith('Arrow')
  return false
}
