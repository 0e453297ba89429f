// The bar over the picture, and what clicks and taps on the picture do. The bar leaves when nobody moves.

import { elements } from './elements.js'
import { volumeCanBeSet } from './volume.js'
import { t } from './texts.js'

/** For so long it stays after the last movement: what players share. */
const IDLE_MS = 3000

const { stage, video, play, edge, volume, carrying, carryingToggle } = elements

/** @typedef {import('./sound.js').Sound} Sound */
/** @typedef {import('./screen.js').Screen} Screen */

export class Controls {
  #timer = 0
  #sound
  #onedge

  /**
   * @param {Sound} sound
   * @param {Screen} screen
   * @param {() => void} onedge the person wants to be at the live moment
   */
  constructor (sound, screen, onedge) {
    this.#sound = sound
    this.#onedge = onedge
    volume.hidden = !volumeCanBeSet(video)
    play.addEventListener('click', () => sound.togglePlaying())
    edge.addEventListener('click', () => this.#goLive())
    carryingToggle.addEventListener('click', () => this.toggleCarrying())
    video.addEventListener('click', event => this.#clicked(event))
    video.addEventListener('dblclick', () => screen.toggleFullScreen())
    for (const type of ['play', 'pause', 'emptied']) video.addEventListener(type, () => this.#show())
    for (const type of ['pointermove', 'pointerdown', 'keydown', 'focusin']) {
      stage.addEventListener(type, () => this.stir())
    }
    stage.addEventListener('pointerleave', event => { if (event.pointerType === 'mouse') this.#rest() })
    this.#show()
    this.stir()
  }

  /** Shows the bar for a while. */
  stir () {
    clearTimeout(this.#timer)
    stage.classList.remove('is-idle')
    this.#timer = setTimeout(() => this.#rest(), IDLE_MS)
  }

  toggleCarrying () {
    carrying.hidden = !carrying.hidden
    carryingToggle.setAttribute('aria-expanded', String(!carrying.hidden))
    carryingToggle.classList.toggle('is-on', !carrying.hidden)
  }

  #rest () {
    if (!video.paused && stage.querySelector('.controls :focus-visible') === null) stage.classList.add('is-idle')
  }

  /** @param {MouseEvent} event */
  #clicked (event) {
    if (this.#sound.isForcedMuted) this.#sound.unmute()
    // A finger first wants to see the bar; `pointerdown` has brought it.
    else if (!('pointerType' in event) || event.pointerType !== 'touch') this.#sound.togglePlaying()
  }

  #goLive () {
    if (video.paused) this.#sound.togglePlaying()
    else this.#onedge()
  }

  #show () {
    const paused = !this.#sound.wanted
    play.classList.toggle('is-on', paused)
    play.setAttribute('aria-label', t(paused ? 'Play' : 'Pause'))
    play.title = t(paused ? 'Play (k)' : 'Pause (k)')
    stage.classList.toggle('is-paused', paused)
    edge.classList.toggle('is-behind', paused)
  }
}
