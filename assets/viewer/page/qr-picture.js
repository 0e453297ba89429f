// Draws a QR code.

import { qrCode } from './qr-code.js'

/** What the standard asks for around a code, in cells. */
const MARGIN = 4
const SVG = 'http://www.w3.org/2000/svg'

/**
 * Puts a text's code into an element, black on white whatever the page's colours are: many readers know nothing else.
 * @param {Element} place
 * @param {string} text
 * @returns {boolean} whether there is one: the longest texts have none
 */
export function showQrCode (place, text) {
  const cells = qrCode(text)
  if (cells === undefined) {
    place.replaceChildren()
    return false
  }
  const side = cells.length + 2 * MARGIN
  const picture = document.createElementNS(SVG, 'svg')
  picture.setAttribute('viewBox', `0 0 ${side} ${side}`)
  picture.setAttribute('aria-hidden', 'true')
  picture.setAttribute('shape-rendering', 'crispEdges')
  picture.append(path('#fff', `M0 0h${side}v${side}h-${side}z`), path('#000', outline(cells)))
  place.replaceChildren(picture)
  return true
}

/**
 * @param {string} colour
 * @param {string} line
 */
function path (colour, line) {
  const element = document.createElementNS(SVG, 'path')
  element.setAttribute('fill', colour)
  element.setAttribute('d', line)
  return element
}

/** @param {boolean[][]} cells */
function outline (cells) {
  return cells.flatMap((row, y) => row.map((dark, x) => dark ? `M${x + MARGIN} ${y + MARGIN}h1v1h-1z` : '')).join('')
}
