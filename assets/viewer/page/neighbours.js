// With whom this page exchanges the stream, and what goes which way. Without their addresses.

import { elements, write } from './elements.js'
import { inBytes } from './numbers.js'
import { t } from './texts.js'

/** @typedef {import('../wasm/swarm_web.js').SwarmPeer} SwarmPeer */

/** More rows would push everything else away. */
const MAX_ROWS = 8
/** Into so many parts a stream is dealt, each of which may come from another neighbour. */
const STRIPES = 8

export class NeighboursView {
  /** A viewer's number, as long as it is connected. @type {Map<string, number>} */
  #numbers = new Map()

  /** @param {SwarmPeer[]} peers */
  show (peers) {
    write(elements.neighbourCount, String(peers.length))
    elements.neighbours.hidden = peers.length === 0
    this.#number(peers)
    const rank = (/** @type {SwarmPeer} */ peer) => peer.streamer ? 0 : this.#numbers.get(peer.peer) ?? 0
    const shown = [...peers].sort((one, other) => rank(one) - rank(other)).slice(0, MAX_ROWS)
    fill(elements.neighbourRows, shown.map(peer => [
      peer.streamer ? t('The streamer') : t('Viewer {}', rank(peer)),
      carried(peer.stripesFrom, peer.downloadedPieceBytes),
      peer.streamer ? '–' : carried(peer.stripesTo, peer.uploadedPieceBytes),
      peer.roundTripMillis === undefined ? '–' : `${Math.round(peer.roundTripMillis)}\u00a0ms`
    ]))
    const more = peers.length - shown.length
    elements.moreNeighbours.hidden = more === 0
    write(elements.moreNeighbours, t('and {} more', more))
  }

  /** @param {SwarmPeer[]} peers */
  #number (peers) {
    const viewers = peers.filter(peer => !peer.streamer)
    const connected = new Set(viewers.map(peer => peer.peer))
    for (const name of [...this.#numbers.keys()]) {
      if (!connected.has(name)) this.#numbers.delete(name)
    }
    const taken = new Set(this.#numbers.values())
    let next = 1
    for (const name of connected) {
      if (this.#numbers.has(name)) continue
      while (taken.has(next)) next += 1
      taken.add(next)
      this.#numbers.set(name, next)
    }
  }
}

/**
 * @param {number} stripes that are pushed now
 * @param {number} bytes so far
 */
function carried (stripes, bytes) {
  if (stripes === 0) return inBytes(bytes)
  return `${stripes === STRIPES ? t('all') : `${stripes}/${STRIPES}`} · ${inBytes(bytes)}`
}

/**
 * Puts texts into a table's rows, and changes only what has changed.
 * @param {HTMLElement} body
 * @param {string[][]} rows of the same length each
 */
function fill (body, rows) {
  while (body.children.length > rows.length) body.lastElementChild?.remove()
  while (body.children.length < rows.length) {
    const row = document.createElement('tr')
    row.append(...rows[0].map((_, at) => {
      const cell = document.createElement(at === 0 ? 'th' : 'td')
      if (at === 0) cell.setAttribute('scope', 'row')
      return cell
    }))
    body.append(row)
  }
  rows.forEach((texts, at) => {
    const cells = /** @type {HTMLCollectionOf<HTMLElement>} */ (body.children[at].children)
    texts.forEach((text, column) => write(cells[column], text))
  })
}
