// Where things stand, in words that a person can read or hear.

import { elements } from './elements.js'
import { t } from './texts.js'

const { stage, noticeTitle, noticeText, badge, viewers, announcement } = elements

/** @typedef {import('../media/player.js').PlayerSnapshot} PlayerSnapshot */
/** @typedef {import('../wasm/swarm_web.js').SwarmStats} SwarmStats */
/** @typedef {'connecting' | 'waiting' | 'live' | 'helping' | 'paused' | 'reconnecting' | 'aside' | 'ended' | 'not-supported' | 'bad-link'} Status */

/** @typedef {{ badge: string, title: string, text: string }} Words */

/** @type {Record<Status, Words>} */
const WORDS = {
  connecting: { badge: 'Connecting', title: 'Connecting…', text: '' },
  waiting: {
    badge: 'Waiting',
    title: 'Waiting for the streamer',
    text: 'The broadcast plays here by itself as soon as it begins.'
  },
  live: { badge: 'Live', title: '', text: '' },
  helping: { badge: 'Live', title: 'You are helping', text: 'This tab plays nothing and passes the stream on for as long as it is open.' },
  paused: { badge: 'Paused', title: 'The streamer has paused', text: 'It goes on here by itself.' },
  reconnecting: {
    badge: 'Reconnecting',
    title: 'Reconnecting…',
    text: 'The picture stopped arriving. It goes on here by itself as soon as it can.'
  },
  aside: {
    badge: 'Waiting for room',
    title: 'There is not room for everyone just now',
    text: 'Viewers pass the stream on to each other, and just now they cannot carry it to all. You come in by yourself as soon as there is room.'
  },
  ended: {
    badge: 'Ended',
    title: 'The broadcast has ended',
    text: 'Leave this page open to see the next one on the same link.'
  },
  'not-supported': { badge: 'Not supported', title: 'This browser cannot play it', text: '' },
  'bad-link': { badge: 'Wrong link', title: 'This link does not work', text: '' }
}

/**
 * @param {SwarmStats | undefined} swarm
 * @param {PlayerSnapshot} player
 * @returns {Status}
 */
export function statusOf (swarm, player) {
  if (player.unsupported !== undefined) return 'not-supported'
  const wasLive = player.description !== undefined
  // The swarm's WebAssembly is being loaded, or loaded anew.
  if (swarm === undefined) return wasLive ? 'reconnecting' : 'connecting'
  if (swarm.status === 'live' && player.resting) return 'helping'
  if (swarm.status === 'live') return player.hasPicture ? 'live' : 'connecting'
  if (swarm.status === 'connecting' && player.hasPicture) return 'reconnecting'
  return swarm.status
}

export class StatusView {
  /** @type {Status | undefined} */
  #shown

  /**
   * @param {Status} status
   * @param {string} reason what is wrong, where the status alone does not say it
   * @param {string} [more] what else there is to say
   */
  show (status, reason, more = '') {
    const words = WORDS[status]
    if (status !== this.#shown) {
      this.#shown = status
      stage.dataset.status = status
      badge.dataset.status = status
      badge.textContent = t(words.badge)
      noticeTitle.textContent = t(words.title)
      announcement.textContent = t(words.title || words.badge)
    }
    const text = [reason || t(words.text), more].filter(part => part !== '').join(' ')
    if (noticeText.textContent !== text) noticeText.textContent = text
  }

  /** @param {number | undefined} count of people watching; undefined where it is not known or means nothing */
  showViewers (count) {
    const text = count === undefined ? '' : t('{} watching', count.toLocaleString())
    if (viewers.textContent !== text) viewers.textContent = text
  }
}
