// The panel that shows who carries what: numbers, neighbours and the piece map. Closed by default.

import { elements, write } from './elements.js'
import { NeighboursView } from './neighbours.js'
import { delayInWords, inBytes, inPercent, inSeconds } from './numbers.js'
import { PieceMapView } from './piece-map.js'

/** @typedef {import('../media/player.js').PlayerSnapshot} PlayerSnapshot */
/** @typedef {import('../swarm/membership.js').SwarmSnapshot} SwarmSnapshot */
/** @typedef {import('../swarm/piece-history.js').PieceHistory} PieceHistory */

export class CarryingView {
  #neighbours = new NeighboursView()
  #map = new PieceMapView()

  /** Whether somebody looks at it. */
  get isOpen () {
    return !elements.carrying.hidden
  }

  /**
   * @param {PlayerSnapshot} player
   * @param {SwarmSnapshot} snapshot
   * @param {PieceHistory} pieces
   */
  show (player, { swarm, peers }, pieces) {
    if (!this.isOpen) return
    const all = swarm?.downloadedPieceBytes ?? 0
    const fromStreamer = swarm?.fromStreamerBytes ?? 0
    showShares(fromStreamer, all - fromStreamer)
    write(elements.given, inBytes(swarm?.uploadedPieceBytes ?? 0))
    write(elements.buffer, inSeconds(player.bufferSeconds))
    write(elements.delay, delayInWords(player.delay))
    this.#neighbours.show(peers)
    this.#map.show(pieces)
  }
}

/**
 * @param {number} fromStreamer bytes
 * @param {number} fromViewers bytes
 */
function showShares (fromStreamer, fromViewers) {
  const all = fromStreamer + fromViewers
  const share = (/** @type {number} */ bytes) => all === 0 ? '' : ` · ${inPercent(bytes, all)}`
  write(elements.fromStreamer, inBytes(fromStreamer) + share(fromStreamer))
  write(elements.fromViewers, inBytes(fromViewers) + share(fromViewers))
  elements.shareStreamer.style.flexGrow = String(fromStreamer)
  elements.shareViewers.style.flexGrow = String(fromViewers)
}
