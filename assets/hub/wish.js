// What a person looks for: it stands in the page's address, so that it can be kept and sent.

import { t } from '../page/texts.js'
import { elements } from './elements.js'
import { CATEGORIES } from './words.js'

const { wish: form, search, category, sort } = elements
/** How long a person is left to type on. */
const TYPING_MS = 250

/** @typedef {{ search: string, category: string, sort: string }} Wish */

export class WishForm {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typing

  /** @param {() => void} onchange */
  constructor (onchange) {
    for (const [name, words] of CATEGORIES) category.add(new Option(t(words), name))
    const asked = new URLSearchParams(location.search)
    search.value = asked.get('search') ?? ''
    choose(category, asked.get('category'))
    choose(sort, asked.get('sort'))
    const changed = () => {
      clearTimeout(this.#typing)
      this.#remember()
      onchange()
    }
    form.addEventListener('submit', event => {
      event.preventDefault()
      changed()
    })
    for (const select of [category, sort]) select.addEventListener('change', changed)
    search.addEventListener('input', () => {
      clearTimeout(this.#typing)
      this.#typing = setTimeout(changed, TYPING_MS)
    })
  }

  /** @returns {Wish} */
  get wish () {
    return { search: search.value.trim(), category: category.value, sort: sort.value }
  }

  /** Whether not all channels are wanted. */
  get isNarrowed () {
    return this.wish.search !== '' || this.wish.category !== ''
  }

  #remember () {
    const { search, category, sort } = this.wish
    const said = new URLSearchParams()
    if (search !== '') said.set('search', search)
    if (category !== '') said.set('category', category)
    if (sort !== 'viewers') said.set('sort', sort)
    history.replaceState(null, '', said.size > 0 ? `?${said}` : location.pathname)
  }
}

/**
 * @param {HTMLSelectElement} select
 * @param {string | null} value what is none of its own changes nothing
 */
function choose (select, value) {
  if (value !== null && [...select.options].some(option => option.value === value)) select.value = value
}
