// One channel on the list. All that its streamer says is text, whatever it looks like.

import { t } from '../page/texts.js'
import { ROOT, linkTo } from './catalogue.js'
import { elements, write } from './elements.js'
import { CATEGORIES, sinceInWords, viewersInWords } from './words.js'

/** @typedef {import('./catalogue.js').Channel} Channel */

export class Card {
  #picture
  #badge
  #reveal
  #link
  #author
  #facts
  /** The list's item. */
  element
  /** @type {string | null} */
  #thumbnail = null

  /** @param {() => void} onreveal when the person wants to see what is sensitive */
  constructor (onreveal) {
    const item = elements.card.content.firstElementChild?.cloneNode(true)
    this.element = /** @type {HTMLLIElement} */ (item)
    this.#picture = part(this.element, '.picture img', HTMLImageElement)
    this.#badge = part(this.element, '.badge', HTMLElement)
    this.#reveal = part(this.element, '.reveal', HTMLButtonElement)
    this.#link = part(this.element, '.title a', HTMLAnchorElement)
    this.#author = part(this.element, '.author', HTMLElement)
    this.#facts = part(this.element, '.facts', HTMLElement)
    write(this.#reveal, t('Sensitive: show pictures'))
    this.#reveal.addEventListener('click', onreveal)
    // A picture that cannot be had is none.
    this.#picture.addEventListener('error', () => { this.#picture.hidden = true })
    this.#picture.addEventListener('load', () => { this.#picture.hidden = false })
  }

  /**
   * @param {Channel} channel
   * @param {number} now the hub's clock
   * @param {boolean} isRevealed whether sensitive pictures are to be seen
   */
  show (channel, now, isRevealed) {
    const link = linkTo(channel)
    if (this.#link.getAttribute('href') !== link) this.#link.setAttribute('href', link)
    write(this.#link, channel.title === '' ? t('Without a title') : channel.title)
    write(this.#author, channel.author === '' ? t('Anonymous') : channel.author)
    write(this.#badge, channel.paused ? t('Paused') : t('Live'))
    this.#badge.classList.toggle('is-paused', channel.paused)
    const category = CATEGORIES.get(channel.category ?? '')
    const facts = [
      viewersInWords(channel.viewers),
      sinceInWords(now - channel.started),
      category === undefined ? undefined : t(category),
      channel.sensitive ? t('Sensitive') : undefined
    ]
    write(this.#facts, facts.filter(fact => fact !== undefined).join(' · '))
    const gated = channel.sensitive && !isRevealed
    this.element.classList.toggle('is-gated', gated)
    this.#showPicture(channel.thumbnail)
    this.#reveal.hidden = !gated || channel.thumbnail === null
  }

  /** @param {string | null} thumbnail */
  #showPicture (thumbnail) {
    if (thumbnail === this.#thumbnail) return
    this.#thumbnail = thumbnail
    if (thumbnail === null) {
      this.#picture.hidden = true
      this.#picture.removeAttribute('src')
      return
    }
    // A hidden picture would not be loaded before it is in view; the one before stays until then.
    this.#picture.hidden = false
    this.#picture.src = `${ROOT}${thumbnail}`
  }
}

/**
 * @template {HTMLElement} T
 * @param {HTMLElement} element
 * @param {string} selector
 * @param {new () => T} type
 * @returns {T}
 */
function part (element, selector, type) {
  const found = element.querySelector(selector)
  if (found instanceof type) return found
  throw new Error(`a card has no '${selector}'`)
}
