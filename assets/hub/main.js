// The front page: who is live at this hub, as of the last few seconds.

import { speak, t } from '../page/texts.js'
import { ask } from './catalogue.js'
import { elements, write } from './elements.js'
import { ChannelList } from './list.js'
import { WishForm } from './wish.js'
import { foundInWords } from './words.js'

/** How often the hub is asked: streamers renew their thumbnails about as often. */
const REFRESH_MS = 10_000
/** How many channels are shown, and how many more each time. */
const PAGE = 200

/** @typedef {import('./catalogue.js').List} List */

await speak(language => import(`./texts/${language}.js`))
document.title = t('Who is live')
elements.search.placeholder = t('Search')

const list = new ChannelList()
const form = new WishForm(() => {
  most = PAGE
  refresh()
})
let most = PAGE
/** Asks that a later one has overtaken. */
let asking = new AbortController()
/** @type {ReturnType<typeof setTimeout> | undefined} */
let next

elements.more.addEventListener('click', () => {
  most += PAGE
  refresh()
})
document.addEventListener('visibilitychange', () => { if (!document.hidden) refresh() })
window.addEventListener('online', refresh)
refresh()

async function refresh () {
  asking.abort()
  clearTimeout(next)
  const mine = asking = new AbortController()
  try {
    const answer = await ask(form.wish, most, mine.signal)
    if (mine.signal.aborted) return
    show(answer)
  } catch {
    if (mine.signal.aborted) return
    // What was shown stays: those channels may well go on without the hub.
    write(elements.status, t('This hub does not answer. Trying again…'))
  }
  // Nobody looks at a page behind others.
  next = setTimeout(() => { if (!document.hidden) refresh() }, REFRESH_MS)
}

/** @param {List} answer */
function show (answer) {
  list.show(answer)
  const { found, channels } = answer
  write(elements.status, found === 0 ? '' : foundInWords(found, form.isNarrowed))
  elements.more.hidden = found <= channels.length
  elements.empty.hidden = found > 0
  write(elements.emptyTitle, form.isNarrowed ? t('Nothing like that is live') : t('Nobody is live right now'))
  write(elements.emptyText, form.isNarrowed
    ? t('Try other words, or all categories.')
    : t('This page looks again by itself. To be listed here, go live with Live on Torrent and choose this hub.'))
  showOperator(answer)
}

/** @param {List} answer */
function showOperator ({ operator, contact }) {
  elements.operator.hidden = operator === '' && contact === ''
  write(elements.operatorName, operator === '' ? t('somebody who gives no name') : operator)
  const address = addressOf(contact)
  elements.contact.hidden = contact === ''
  write(elements.contactLink, address === undefined ? '' : contact)
  write(elements.contactText, address === undefined ? contact : '')
  if (address !== undefined) elements.contactLink.href = address
}

/**
 * What a contact links to, if it is plainly an address of mail or of a page.
 * @param {string} contact
 */
function addressOf (contact) {
  if (/^https?:\/\/[^\s]+$/.test(contact)) return contact
  if (/^[^\s@:/?]+@[^\s@:/?]+$/.test(contact)) return `mailto:${contact}`
  return undefined
}
