// Asks, once while the page is open, before something is shown that the streamer calls sensitive. Until then the picture is
// blurred and silent.

import { elements } from './elements.js'
import { t } from './texts.js'

/** @typedef {import('./sound.js').Sound} Sound */

const { stage, gate, gateShow, announcement } = elements

export class Gate {
  #sound
  #accepted = false

  /** @param {Sound} sound */
  constructor (sound) {
    this.#sound = sound
    gateShow.addEventListener('click', () => {
      this.#accepted = true
      this.#set(false)
      if (sound.isForcedMuted) sound.unmute()
    })
  }

  /** Whether it is closed, and the person has to be asked. */
  get isClosed () {
    return !gate.hidden
  }

  /** @param {{ sensitive: boolean }} description of a broadcast that begins, or that has changed */
  judge ({ sensitive }) {
    const closed = sensitive && !this.#accepted
    if (closed !== this.isClosed) this.#set(closed)
  }

  /** @param {boolean} closed */
  #set (closed) {
    gate.hidden = !closed
    stage.classList.toggle('is-gated', closed)
    this.#sound.silence(closed)
    if (closed) announcement.textContent = t('Sensitive content')
  }
}
