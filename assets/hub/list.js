// The channels on the page. Each keeps its element from one answer to the next, so that nothing flickers and the keyboard's
// place is kept.

import { Card } from './card.js'
import { elements } from './elements.js'

const { list } = elements

/** @typedef {import('./catalogue.js').List} List */

export class ChannelList {
  /** By channel. @type {Map<string, Card>} */
  #cards = new Map()
  #isRevealed = false
  /** @type {List | undefined} */
  #shown

  /** @param {List} answer */
  show (answer) {
    this.#shown = answer
    /** @type {Map<string, Card>} */
    const cards = new Map()
    let place = list.firstElementChild
    const focused = list.querySelector(':focus')
    for (const channel of answer.channels) {
      const card = this.#cards.get(channel.channel) ?? new Card(() => this.#reveal())
      cards.set(channel.channel, card)
      card.show(channel, answer.now, this.#isRevealed)
      // What is in its place already is not moved.
      if (card.element === place) place = place.nextElementSibling
      else list.insertBefore(card.element, place)
    }
    for (const [channel, card] of this.#cards) {
      if (!cards.has(channel)) card.element.remove()
    }
    this.#cards = cards
    // What was moved has lost the keyboard's focus.
    if (focused instanceof HTMLElement && focused.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true })
  }

  /** Asked once, for all of them, while the page is open. */
  #reveal () {
    this.#isRevealed = true
    const focused = document.activeElement?.closest('.card')?.querySelector('a')
    if (this.#shown !== undefined) this.show(this.#shown)
    focused?.focus()
  }
}
