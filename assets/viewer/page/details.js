// What the streamer tells people of the broadcast. It is a stranger's text and stays text.

import { elements, write } from './elements.js'
import { showQrCode } from './qr-picture.js'
import { t } from './texts.js'

/** @typedef {import('../wasm/swarm_web.js').BroadcastDescription} BroadcastDescription */

const { title, byline, keywords, description, donation, donationLink, donationQr } = elements

/** What stands where a broadcast has no title. */
const PROGRAM = 'Live on Torrent'

/** The categories (docs/WIRE.md). @type {Record<string, string>} */
const CATEGORIES = {
  activism: 'Activism',
  animals: 'Animals',
  art: 'Art',
  comedy: 'Comedy',
  education: 'Education',
  entertainment: 'Entertainment',
  films: 'Films',
  food: 'Food',
  gaming: 'Gaming',
  'how-to': 'How To',
  kids: 'Kids',
  music: 'Music',
  'news-politics': 'News & Politics',
  people: 'People',
  'science-technology': 'Science & Technology',
  sports: 'Sports',
  travels: 'Travels',
  vehicles: 'Vehicles'
}

export class DetailsView {
  /** @type {BroadcastDescription | undefined} */
  #shown

  /** @param {BroadcastDescription | undefined} details of the newest broadcast */
  show (details) {
    if (details === this.#shown || details === undefined) return
    this.#shown = details
    write(title, details.title || PROGRAM)
    document.title = details.title ? `${details.title} – ${PROGRAM}` : PROGRAM
    showByline(details)
    keywords.hidden = details.keywords.length === 0
    keywords.replaceChildren(...details.keywords.map(keyword => {
      const item = document.createElement('li')
      item.textContent = keyword
      return item
    }))
    description.hidden = details.description === ''
    write(description, details.description)
    showDonation(details.donation)
    tellSystem(details)
  }
}

/**
 * What a lock screen or a notification says while the page plays unseen. Browsers then decode the sound only.
 * @param {BroadcastDescription} details
 */
function tellSystem ({ title, author }) {
  if (!('mediaSession' in navigator)) return
  navigator.mediaSession.metadata = new MediaMetadata({ title: title || PROGRAM, artist: author })
}

/** @param {BroadcastDescription} details */
function showByline ({ author, startedAt, category }) {
  const started = new Date(startedAt)
  const time = document.createElement('time')
  time.dateTime = started.toISOString()
  time.textContent = started.toLocaleString([], isToday(started) ? { timeStyle: 'short' } : { dateStyle: 'medium', timeStyle: 'short' })
  const parts = [[t('By {}', author || t('anonymous'))], [t('since '), time]]
  const name = category === null ? undefined : CATEGORIES[category]
  if (name !== undefined) parts.push([t(name)])
  byline.replaceChildren(...parts.map(part => {
    const span = document.createElement('span')
    span.append(...part)
    return span
  }))
}

/** @param {Date} date */
function isToday (date) {
  return date.toDateString() === new Date().toDateString()
}

/** @param {string | null} link */
function showDonation (link) {
  const url = link === null ? undefined : webAddress(link)
  donation.hidden = url === undefined
  if (url === undefined) return
  donationLink.href = url.href
  write(donationLink, url.href)
  showQrCode(donationQr, url.href)
}

/**
 * The swarm lets nothing else through; a link that a click opens is worth a second look.
 * @param {string} link
 */
function webAddress (link) {
  if (!URL.canParse(link)) return undefined
  const url = new URL(link)
  return ['http:', 'https:'].includes(url.protocol) ? url : undefined
}
