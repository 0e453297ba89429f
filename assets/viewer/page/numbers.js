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
    const streamers = peers.filter(peer => peer.streamer)
    const fromStreamer = streamers.reduce((sum, peer) => sum + peer.downloadedPieceBytes, 0)
    // Of peers that have left only the sum is known.
    const fromAll = peers.reduce((sum, peer) => sum + peer.downloadedPieceBytes, 0)
    write(elements.delay, delayInWords(player.delay))
    write(elements.buffer, inSeconds(player.bufferSeconds))
    write(elements.fromStreamer, inBytes(fromStreamer))
    write(elements.fromViewers, inBytes(fromAll - fromStreamer))
    write(elements.given, inBytes(swarm?.uploadedPieceBytes ?? 0))
    const viewers = peers.length - streamers.length
    write(elements.neighbours, `${streamers.length > 0 ? 'the streamer, ' : ''}${viewers} viewer${viewers === 1 ? '' : 's'}`)
  }
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
