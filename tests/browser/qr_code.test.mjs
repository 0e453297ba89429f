// The page's QR codes, read by somebody else's reader.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsqr } from './jsqr.mjs'
import { qrCode } from '../../assets/viewer/page/qr-code.js'

const SCALE = 4
/** What the standard asks for around a code. */
const MARGIN = 4

/** @param {boolean[][]} cells */
function read (cells) {
  const side = (cells.length + 2 * MARGIN) * SCALE
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255)
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const dark = cells[Math.floor(y / SCALE) - MARGIN]?.[Math.floor(x / SCALE) - MARGIN]
      if (dark) pixels.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3)
    }
  }
  return jsqr(pixels, side, side)
}

for (const length of [1, 14, 15, 62, 63, 120, 180, 300, 700]) {
  test(`a code of ${length} characters reads as it was written`, () => {
    const text = 'https://streamer.example/#&tr=äöü '.repeat(30).slice(0, length)
    const cells = qrCode(text)
    assert.ok(cells)
    assert.equal(read(cells)?.data, text)
  })
}

test('what no code holds has none', () => {
  assert.equal(qrCode('x'.repeat(2332)), undefined)
  assert.equal(qrCode('x'.repeat(2331))?.length, 177)
})
