// The page in the reader's language. English stands in the page itself and is the name of each text; other languages are
// a module each in texts/, which only their readers load.

/** The languages that there are, beside English. */
const LANGUAGES = ['pt', 'es']
/** What a person hears or sees of an element beside its text. */
const ATTRIBUTES = ['aria-label', 'title']

/** @type {Record<string, string>} */
let words = {}

/**
 * A text in the reader's language.
 * @param {string} text in English, with `{}` where a value stands
 * @param {...(string | number)} values in the order of their places
 */
export function t (text, ...values) {
  const parts = (words[text] ?? text).split('{}')
  return parts.map((part, at) => part + (at < parts.length - 1 ? values[at] ?? '' : '')).join('')
}

/**
 * Speaks the reader's language from now on. It costs readers of English nothing.
 * @param {(language: string) => Promise<{ default: Record<string, string> }>} load the page's texts, where they are not its own
 */
export async function speak (load = language => import(`../texts/${language}.js`)) {
  const language = spoken(navigator.languages)
  if (language === undefined) return
  try {
    words = (await load(language)).default
  } catch (error) {
    // The page is as good in English as it was.
    console.warn('no texts:', error)
    return
  }
  document.documentElement.lang = language
  translate(document.body)
}

/**
 * @param {readonly string[]} preferred as browsers have them, the best first
 * @returns {string | undefined} undefined for English
 */
export function spoken (preferred) {
  const tags = preferred.map(tag => tag.toLowerCase().split('-')[0])
  const best = tags.find(tag => tag === 'en' || LANGUAGES.includes(tag))
  return best === 'en' ? undefined : best
}

/** @param {HTMLElement} root */
function translate (root) {
  const nodes = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  while (nodes.nextNode()) {
    const node = /** @type {Text} */ (nodes.currentNode)
    const text = node.data.trim()
    if (text in words) node.data = node.data.replace(text, () => words[text])
  }
  for (const name of ATTRIBUTES) {
    for (const element of root.querySelectorAll(`[${name}]`)) {
      const text = element.getAttribute(name) ?? ''
      if (text in words) element.setAttribute(name, words[text])
    }
  }
}
