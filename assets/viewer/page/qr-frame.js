// The cells of a QR code (ISO/IEC 18004): its patterns, and the way that the data takes between them.

/** Level M, as the format's first two bits say it. */
const LEVEL_BITS = 0
/** What makes a cell of the data dark light and the other way round. @type {((x: number, y: number) => boolean)[]} */
const MASKS = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  x => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => x * y % 2 + x * y % 3 === 0,
  (x, y) => (x * y % 2 + x * y % 3) % 2 === 0,
  (x, y) => ((x + y) % 2 + x * y % 3) % 2 === 0
]

export const MASK_COUNT = MASKS.length

/** A code's cells: what each has is laid down once, the data last. */
export class Frame {
  #version
  #size
  /** @type {boolean[][]} */
  #cells
  /** Whether a cell belongs to a pattern and not to the data. @type {boolean[][]} */
  #fixed

  /** @param {number} version */
  constructor (version) {
    this.#version = version
    this.#size = 17 + 4 * version
    this.#cells = grid(this.#size)
    this.#fixed = grid(this.#size)
    for (let at = 0; at < this.#size; at++) {
      this.#fix(6, at, at % 2 === 0)
      this.#fix(at, 6, at % 2 === 0)
    }
    this.#drawFinders()
    this.#drawAlignments()
    this.#drawFormat(this.#cells, 0)
    this.#drawVersion()
  }

  /** @param {number[]} bytes data with its correction */
  place (bytes) {
    let at = 0
    for (let right = this.#size - 1; right >= 1; right -= 2) {
      if (right === 6) right = 5
      const upwards = (right + 1 & 2) === 0
      for (let step = 0; step < this.#size; step++) {
        const y = upwards ? this.#size - 1 - step : step
        for (const x of [right, right - 1]) {
          if (this.#fixed[y][x] || at >= 8 * bytes.length) continue
          this.#cells[y][x] = (bytes[at >>> 3] >>> 7 - (at & 7) & 1) === 1
          at += 1
        }
      }
    }
  }

  /**
   * @param {number} mask
   * @returns {boolean[][]}
   */
  masked (mask) {
    const cells = this.#cells.map((row, y) => row.map((dark, x) => this.#fixed[y][x] ? dark : dark !== MASKS[mask](x, y)))
    this.#drawFormat(cells, mask)
    return cells
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {boolean} dark
   */
  #fix (x, y, dark) {
    if (x < 0 || y < 0 || x >= this.#size || y >= this.#size) return
    this.#cells[y][x] = dark
    this.#fixed[y][x] = true
  }

  #drawFinders () {
    const last = this.#size - 4
    for (const [x, y] of [[3, 3], [last, 3], [3, last]]) {
      for (let down = -4; down <= 4; down++) {
        for (let across = -4; across <= 4; across++) {
          const ring = Math.max(Math.abs(across), Math.abs(down))
          this.#fix(x + across, y + down, ring !== 2 && ring !== 4)
        }
      }
    }
  }

  #drawAlignments () {
    const places = alignmentPlaces(this.#version)
    const last = places.length - 1
    places.forEach((x, column) => places.forEach((y, row) => {
      const atFinder = (column === 0 && (row === 0 || row === last)) || (column === last && row === 0)
      if (atFinder) return
      for (let down = -2; down <= 2; down++) {
        for (let across = -2; across <= 2; across++) {
          this.#fix(x + across, y + down, Math.max(Math.abs(across), Math.abs(down)) !== 1)
        }
      }
    }))
  }

  /**
   * @param {boolean[][]} cells
   * @param {number} mask
   */
  #drawFormat (cells, mask) {
    const data = LEVEL_BITS << 3 | mask
    let rest = data
    for (let count = 0; count < 10; count++) rest = rest << 1 ^ (rest >>> 9) * 0x537
    const bits = (data << 10 | rest) ^ 0x5412
    const set = (/** @type {number} */ x, /** @type {number} */ y, /** @type {boolean} */ dark) => {
      cells[y][x] = dark
      this.#fixed[y][x] = true
    }
    for (let at = 0; at < 15; at++) {
      const dark = (bits >>> at & 1) === 1
      // Around the finder at the top left, past the timing patterns…
      if (at < 8) set(8, at < 6 ? at : at + 1, dark)
      else set(at === 8 ? 7 : 14 - at, 8, dark)
      // …and once more at the other two.
      if (at < 8) set(this.#size - 1 - at, 8, dark)
      else set(8, this.#size - 15 + at, dark)
    }
    set(8, this.#size - 8, true)
  }

  #drawVersion () {
    if (this.#version < 7) return
    let rest = this.#version
    for (let count = 0; count < 12; count++) rest = rest << 1 ^ (rest >>> 11) * 0x1f25
    const bits = this.#version << 12 | rest
    for (let at = 0; at < 18; at++) {
      const [far, near] = [this.#size - 11 + at % 3, Math.floor(at / 3)]
      const dark = (bits >>> at & 1) === 1
      this.#fix(far, near, dark)
      this.#fix(near, far, dark)
    }
  }
}

/** @param {number} size */
function grid (size) {
  return Array.from({ length: size }, () => Array(size).fill(false))
}

/** @param {number} version */
function alignmentPlaces (version) {
  if (version === 1) return []
  const count = Math.floor(version / 7) + 2
  const step = Math.floor((8 * version + 3 * count + 5) / (4 * count - 4)) * 2
  const last = 10 + 4 * version
  return [6, ...Array.from({ length: count - 1 }, (_, at) => last - step * (count - 2 - at))]
}
