// The page's elements, by what they are for.

/** All that index.html names. */
export const elements = {
  wish: find('wish', HTMLFormElement),
  search: find('search', HTMLInputElement),
  category: find('category', HTMLSelectElement),
  sort: find('sort', HTMLSelectElement),
  status: find('status', HTMLElement),
  list: find('list', HTMLUListElement),
  empty: find('empty', HTMLElement),
  emptyTitle: find('empty-title', HTMLElement),
  emptyText: find('empty-text', HTMLElement),
  more: find('more', HTMLButtonElement),
  operator: find('operator', HTMLElement),
  operatorName: find('operator-name', HTMLElement),
  contact: find('contact', HTMLElement),
  contactLink: find('contact-link', HTMLAnchorElement),
  contactText: find('contact-text', HTMLElement),
  card: find('card', HTMLTemplateElement)
}

/**
 * Says something where it is not said already.
 * @param {HTMLElement} element
 * @param {string} text
 */
export function write (element, text) {
  if (element.textContent !== text) element.textContent = text
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
