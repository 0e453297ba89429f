// Asks the hub who is live.

/**
 * @typedef {Object} Channel
 * @property {string} channel its key, as links spell it
 * @property {string} broadcast
 * @property {string} title
 * @property {string} author
 * @property {string} summary
 * @property {string | null} category
 * @property {string[]} keywords
 * @property {boolean} sensitive
 * @property {boolean} paused
 * @property {number} viewers
 * @property {number} started milliseconds since 1970
 * @property {number} issued
 * @property {string[]} trackers
 * @property {string[]} stun
 * @property {string | null} thumbnail its address from the hub's root
 *
 * @typedef {Object} List
 * @property {number} now the hub's clock, milliseconds since 1970
 * @property {string} operator
 * @property {string} contact
 * @property {number} found how many there are in all
 * @property {Channel[]} channels
 *
 * @typedef {import('./wish.js').Wish} Wish
 */

/** The hub's root, from this page. */
export const ROOT = '../'
/** How long an answer may take. */
const PATIENCE_MS = 10_000

/**
 * @param {Wish} wish
 * @param {number} most
 * @param {AbortSignal} signal for when nobody waits for it any more
 * @returns {Promise<List>}
 */
export async function ask (wish, most, signal) {
  const asked = new URLSearchParams({ ...wish, most: String(most) })
  const patience = AbortSignal.timeout(PATIENCE_MS)
  const response = await fetch(`${ROOT}catalogue.json?${asked}`, { signal: AbortSignal.any([signal, patience]) })
  if (!response.ok) throw new Error(`the hub answers ${response.status}`)
  return response.json()
}

/**
 * The share link, as it is from this hub. Its own tracker needs no mention.
 * @param {Channel} channel
 */
export function linkTo ({ channel, trackers, stun }) {
  const root = new URL(ROOT, location.href)
  const own = `${root.protocol === 'https:' ? 'wss' : 'ws'}://${root.host}/announce`
  const others = trackers.filter(tracker => tracker !== own)
  const words = [...others.map(tracker => `tr=${encodeURIComponent(tracker)}`), ...stun.map(server => `stun=${encodeURIComponent(server)}`)]
  return `${ROOT}#${[channel, ...words].join('&')}`
}
