// QR codes (ISO/IEC 18004) for links: bytes, error correction level M, made here, so that no link goes to anybody.
//
// Not here: where a code's cells are (qr-frame.js), and drawing them (qr-picture.js).

import { Frame, MASK_COUNT } from './qr-frame.js'

/** Of each version from 1 on: error correction bytes in a block, and blocks. The standard's table 9, level M. */
const CORRECTION_BYTES = [
  10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26,
  26, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28
]
const BLOCKS = [
  1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16,
  17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49
]
const BYTE_MODE = 0b0100
const PADDING = [0xec, 0x11]

/**
 * @param {string} text
 * @returns {boolean[][] | undefined} rows of cells, true where dark; undefined where the text is too long for a code
 */
export function qrCode (text) {
  const bytes = new TextEncoder().encode(text)
  const version = versionFor(bytes.length)
  if (version === undefined) return undefined
  const frame = new Frame(version)
  frame.place(interleaved(dataBytes(bytes, version), version))
  const masked = Array.from({ length: MASK_COUNT }, (_, mask) => frame.masked(mask))
  return masked.reduce((best, each) => penalty(each) < penalty(best) ? each : best)
}

/** @param {number} length of the text in bytes */
function versionFor (length) {
  const version = BLOCKS.findIndex((_, at) => 4 + lengthBits(at + 1) + 8 * length <= 8 * dataCapacity(at + 1))
  return version < 0 ? undefined : version + 1
}

/** @param {number} version */
function lengthBits (version) {
  return version < 10 ? 8 : 16
}

/** @param {number} version */
function dataCapacity (version) {
  return Math.floor(rawBits(version) / 8) - CORRECTION_BYTES[version - 1] * BLOCKS[version - 1]
}

/**
 * Cells that are free for data and its correction.
 * @param {number} version
 */
function rawBits (version) {
  const aligned = version === 1 ? 0 : Math.floor(version / 7) + 2
  const finders = (16 * version + 128) * version + 64
  const alignments = aligned === 0 ? 0 : (25 * aligned - 10) * aligned - 55
  return finders - alignments - (version < 7 ? 0 : 36)
}

/**
 * @param {Uint8Array} bytes
 * @param {number} version
 */
function dataBytes (bytes, version) {
  /** @type {number[]} */
  const bits = []
  const write = (/** @type {number} */ value, /** @type {number} */ length) => {
    for (let at = length - 1; at >= 0; at--) bits.push(value >>> at & 1)
  }
  write(BYTE_MODE, 4)
  write(bytes.length, lengthBits(version))
  for (const byte of bytes) write(byte, 8)
  const capacity = dataCapacity(version)
  write(0, Math.min(4, 8 * capacity - bits.length))
  write(0, (8 - bits.length % 8) % 8)
  const data = Array.from({ length: bits.length / 8 }, (_, at) => parseInt(bits.slice(8 * at, 8 * at + 8).join(''), 2))
  for (let at = 0; data.length < capacity; at++) data.push(PADDING[at % 2])
  return data
}

/**
 * Data in blocks, each with its correction, dealt out byte by byte.
 * @param {number[]} data
 * @param {number} version
 */
function interleaved (data, version) {
  const [count, correction] = [BLOCKS[version - 1], CORRECTION_BYTES[version - 1]]
  const short = Math.floor(data.length / count)
  const longFrom = count - data.length % count
  const divisor = correctionDivisor(correction)
  const blocks = Array.from({ length: count }, (_, at) => {
    const from = at * short + Math.max(0, at - longFrom)
    const block = data.slice(from, from + short + (at >= longFrom ? 1 : 0))
    return { block, check: remainder(block, divisor) }
  })
  const all = []
  for (let at = 0; at <= short; at++) for (const { block } of blocks) if (at < block.length) all.push(block[at])
  for (let at = 0; at < correction; at++) for (const { check } of blocks) all.push(check[at])
  return all
}

/** @param {number} degree */
function correctionDivisor (degree) {
  const divisor = Array(degree - 1).fill(0).concat(1)
  let root = 1
  for (let count = 0; count < degree; count++) {
    for (let at = 0; at < degree; at++) divisor[at] = times(divisor[at], root) ^ (divisor[at + 1] ?? 0)
    root = times(root, 2)
  }
  return divisor
}

/**
 * @param {number[]} block
 * @param {number[]} divisor
 */
function remainder (block, divisor) {
  const rest = Array(divisor.length).fill(0)
  for (const byte of block) {
    const factor = byte ^ rest.shift()
    rest.push(0)
    divisor.forEach((coefficient, at) => { rest[at] ^= times(coefficient, factor) })
  }
  return rest
}

/**
 * In GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1.
 * @param {number} one
 * @param {number} other
 */
function times (one, other) {
  let product = 0
  for (let at = 7; at >= 0; at--) {
    product = product << 1 ^ (product >>> 7) * 0x11d
    product ^= (other >>> at & 1) * one
  }
  return product
}

/**
 * How hard a code is to read: long runs of a colour, whole squares of it, what looks like a finder, too dark or too light.
 * @param {boolean[][]} cells
 */
function penalty (cells) {
  const columns = cells.map((_, x) => cells.map(row => row[x]))
  const dark = cells.flat().filter(Boolean).length
  const shift = Math.abs(dark * 20 - cells.length ** 2 * 10)
  return [...cells, ...columns].reduce((sum, line) => sum + linePenalty(line), 0) +
    3 * squares(cells) + 10 * Math.max(0, Math.ceil(shift / cells.length ** 2) - 1)
}

/** @param {boolean[]} line */
function linePenalty (line) {
  const text = line.map(Number).join('')
  const runs = text.match(/0{5,}|1{5,}/g) ?? []
  const finders = text.match(/(?=00001011101|10111010000)/g) ?? []
  return runs.reduce((sum, run) => sum + run.length - 2, 0) + 40 * finders.length
}

/** @param {boolean[][]} cells */
function squares (cells) {
  let count = 0
  for (let y = 1; y < cells.length; y++) {
    for (let x = 1; x < cells.length; x++) {
      const colour = cells[y][x]
      if (cells[y][x - 1] === colour && cells[y - 1][x] === colour && cells[y - 1][x - 1] === colour) count += 1
    }
  }
  return count
}
