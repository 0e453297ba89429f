// The piece map: a column for each segment of the last minute, a cell for each of its pieces, coloured by who sent it.
//
// Not here: what came from whom (swarm/piece-history.js).

import { PIECE } from '../swarm/piece-history.js'
import { elements, write } from './elements.js'
import { inPercent } from './numbers.js'
import { t } from './texts.js'

/** Columns narrower than this cannot be told apart; there are several rows of them instead. */
const MIN_COLUMN_PX = 4
/** A row's height where there is one, and where there are several. */
const ONLY_ROW_PX = 88
const ROW_PX = 40
const BETWEEN_ROWS_PX = 8
/** A row has room for at least so many cells, so that few pieces do not look like many bytes. */
const MIN_CELLS = 4
/** Cells smaller than this have no room for a gap between them. */
const MIN_WITH_GAP_PX = 3
/** How often it is drawn where a person wants little to move. */
const CALM_MS = 2000

/** @typedef {import('../swarm/piece-history.js').PieceHistory} PieceHistory */
/** @typedef {import('../swarm/piece-history.js').PieceCounts} PieceCounts */

const { map, mapFrom, mapText } = elements
const calm = matchMedia('(prefers-reduced-motion: reduce)')

export class PieceMapView {
  #drawnAt = -Infinity

  /** @param {PieceHistory} pieces */
  show (pieces) {
    const now = performance.now()
    if (calm.matches && now < this.#drawnAt + CALM_MS) return
    this.#drawnAt = now
    write(mapFrom, t('{} s ago', pieces.seconds))
    write(mapText, inWords(pieces.counts()))
    draw(pieces.columns(), Math.max(1, pieces.capacity))
  }
}

/** @param {PieceCounts} counts */
function inWords ({ missing, coming, fromStreamer, fromViewer }) {
  const here = fromStreamer + fromViewer
  if (here === 0) return t('Nothing has come yet.')
  const pieces = (/** @type {number} */ count) => count === 1 ? t('1 piece') : t('{} pieces', count.toLocaleString())
  return t('{} here, {} of them from the streamer and {} from viewers; {} on their way, {} missing.',
    pieces(here), inPercent(fromStreamer, here), inPercent(fromViewer, here), coming || t('none'), missing || t('none'))
}

/**
 * @param {Uint8Array[]} columns the newest last
 * @param {number} capacity how many there are when there is a whole minute
 */
function draw (columns, capacity) {
  const width = map.clientWidth
  const rows = Math.ceil(capacity * MIN_COLUMN_PX / Math.max(1, width))
  const rowHeight = rows === 1 ? ONLY_ROW_PX : ROW_PX
  const context = sized(width, rows * (rowHeight + BETWEEN_ROWS_PX) - BETWEEN_ROWS_PX)
  if (context === null) return
  const perRow = Math.ceil(capacity / rows)
  const cells = Math.max(MIN_CELLS, ...columns.map(pieces => pieces.length))
  const [columnWidth, cellHeight] = [width / perRow, rowHeight / cells]
  const colours = coloursNow()
  context.fillStyle = getComputedStyle(map).getPropertyValue('--ground')
  for (let row = 0; row < rows; row++) context.fillRect(0, row * (rowHeight + BETWEEN_ROWS_PX), width, rowHeight)
  columns.forEach((pieces, at) => {
    // The newest has the last place.
    const place = rows * perRow - columns.length + at
    if (place < 0) return
    const bottom = Math.floor(place / perRow) * (rowHeight + BETWEEN_ROWS_PX) + rowHeight
    const left = place % perRow * columnWidth
    pieces.forEach((state, index) => {
      context.fillStyle = colours[state]
      context.fillRect(left, bottom - (index + 1) * cellHeight, lessGap(columnWidth), lessGap(cellHeight))
    })
  })
}

/** @param {number} size of a cell, in pixels */
function lessGap (size) {
  return size < MIN_WITH_GAP_PX ? size : size - 1
}

/**
 * The canvas, emptied, with as many points as the screen has.
 * @param {number} width
 * @param {number} height
 */
function sized (width, height) {
  const density = devicePixelRatio
  const [across, down] = [Math.round(width * density), Math.round(height * density)]
  if (map.width !== across || map.height !== down) {
    map.width = across
    map.height = down
    map.style.height = `${height}px`
  }
  const context = map.getContext('2d')
  context?.setTransform(density, 0, 0, density, 0, 0)
  context?.clearRect(0, 0, width, height)
  return context
}

/** The style sheet's colours, by state: they depend on light and dark. */
function coloursNow () {
  const style = getComputedStyle(map)
  const colours = []
  colours[PIECE.missing] = style.getPropertyValue('--missing')
  colours[PIECE.coming] = style.getPropertyValue('--coming')
  colours[PIECE.fromStreamer] = style.getPropertyValue('--from-streamer')
  colours[PIECE.fromViewer] = style.getPropertyValue('--from-viewers')
  return colours
}
