// The keys that video players share. None of them seeks: this is live.

/** @typedef {import('./sound.js').Sound} Sound */
/** @typedef {import('./screen.js').Screen} Screen */
/** @typedef {import('./controls.js').Controls} Controls */
/** @typedef {import('./gate.js').Gate} Gate */

/** These show nothing of the picture. */
const ALWAYS = ['n']

/**
 * @param {Sound} sound
 * @param {Screen} screen
 * @param {Controls} controls
 * @param {Gate} gate
 */
export function listenToKeys (sound, screen, controls, gate) {
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
    if (act === undefined || isForFocused(event) || (gate.isClosed && !ALWAYS.includes(key))) return
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
  if (target instanceof HTMLButtonElement || target instanceof HTMLAnchorElement) return key === ' '
  if (target instanceof HTMLInputElement) return target.type === 'range' ? key.startsWith('Arrow') : key === ' '
  return false
}
