// The small panel of numbers for who wants to know how it works.

import { elements } from './elements.js'

/** @typedef {import('../media/player.js').PlayerSnapshot} PlayerSnapshot */
/** @typedef {import('../swarm/membership.js').SwarmSnapshot} SwarmSnapshot */

export class NumbersView {
  /**
   * @param {PlayerSnapshot} player
   * @param {SwarmSnapshot} snapshot
   */
  show (player, { swarm, peers }) {
    if (elements.numbers.hidden) return
    write(elements.delay, delayInWords(player.delay))
    write(elements.buffer, inSeconds(player.bufferSeconds))
    const fromStreamer = swarm?.fromStreamerBytes ?? 0
    write(elements.fromStreamer, inBytes(fromStreamer))
    write(elements.fromViewers, inBytes((swarm?.downloadedPieceBytes ?? 0) - fromStreamer))
    write(elements.given, inBytes(swarm?.uploadedPieceBytes ?? 0))
    write(elements.neighbours, neighboursInWords(peers))
  }
}

/** @param {SwarmSnapshot['peers']} peers */
function neighboursInWords (peers) {
  const viewers = peers.filter(peer => !peer.streamer).length
  const words = []
  if (viewers < peers.length) words.push('the streamer')
  if (viewers > 0) words.push(viewers === 1 ? '1 viewer' : `${viewers} viewers`)
  return words.join(', ') || 'none'
}

/** @param {PlayerSnapshot['delay']} delay */
function delayInWords (delay) {
  if (delay === undefined) return '–'
  return `${delay.byClocks ? 'about' : 'at least'} ${inSeconds(delay.seconds)}`
}

/** @param {number} seconds */
function inSeconds (seconds) {
  return `${seconds.toFixed(1)} s`
}

/** @param {number} bytes */
function inBytes (bytes) {
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`
}

/**
 * @param {HTMLElement} element
 * @param {string} text
 */
function write (element, text) {
  if (element.textContent !== text) element.textContent = text
}
