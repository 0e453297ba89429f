// Cuts the program's fragmented MP4, as it streams by, into an init segment and fragments, and those into slices that
// begin with key frames. Only what slicing needs is read of the boxes.

/** Sample flags of ISO 14496-12: this sample is no key frame. */
const NOT_A_KEY_FRAME = 0x10000
/** A slice may be this much shorter than asked for: frames do not end exactly where slices should, in seconds. */
const SLACK = 0.02

/** @typedef {{ bytes: Buffer, key: boolean, start: number, end: number }} Fragment times in seconds */
/** @typedef {{ number: number, bytes: Buffer, duration: number }} Slice */

/** Bytes in, slices out. */
export class Slicer {
  #waiting = Buffer.alloc(0)
  /** @type {Buffer[]} boxes since the last fragment */
  #boxes = []
  /** @type {{ track: number, timescale: number } | undefined} the picture's */
  #picture
  /** @type {Fragment[]} */
  #slice = []
  #number = 0
  #length
  #onInit
  #onSlice

  /**
   * @param {number} length of a slice, in seconds
   * @param {(init: Buffer) => void} onInit
   * @param {(slice: Slice) => void} onSlice
   */
  constructor (length, onInit, onSlice) {
    this.#length = length
    this.#onInit = onInit
    this.#onSlice = onSlice
  }

  /** @param {Buffer} bytes */
  push (bytes) {
    this.#waiting = Buffer.concat([this.#waiting, bytes])
    while (this.#waiting.length >= 8) {
      const size = this.#waiting.readUInt32BE(0)
      if (this.#waiting.length < size) return
      this.#box(this.#waiting.subarray(0, size))
      this.#waiting = this.#waiting.subarray(size)
    }
  }

  /** @param {Buffer} box */
  #box (box) {
    this.#boxes.push(box)
    const type = typeOf(box)
    if (type === 'moov') {
      this.#picture = pictureTrack(box)
      this.#onInit(Buffer.concat(this.#boxes.splice(0)))
    } else if (type === 'mdat') this.#fragment(Buffer.concat(this.#boxes.splice(0)))
  }

  /** @param {Buffer} bytes */
  #fragment (bytes) {
    if (this.#picture === undefined) throw new Error('a fragment before the init segment')
    const fragment = { bytes, ...pictureTimes(bytes, this.#picture) }
    // What comes before the first key frame nobody can play.
    if (this.#slice.length === 0 && !fragment.key) return
    this.#slice.push(fragment)
    const duration = fragment.end - this.#slice[0].start
    if (duration < this.#length - SLACK) return
    this.#onSlice({ number: this.#number++, bytes: Buffer.concat(this.#slice.map(({ bytes }) => bytes)), duration })
    this.#slice = []
  }
}

/** @param {Buffer} box */
function typeOf (box) {
  return box.toString('latin1', 4, 8)
}

/**
 * The boxes in a run of boxes.
 * @param {Buffer} bytes
 */
function * boxes (bytes) {
  for (let at = 0; at + 8 <= bytes.length;) {
    const box = bytes.subarray(at, at + bytes.readUInt32BE(at))
    yield box
    at += box.length
  }
}

/**
 * Those of one type in a box.
 * @param {Buffer} box
 * @param {string} type
 * @returns {Buffer[]}
 */
function inside (box, type) {
  return [...boxes(box.subarray(8))].filter(box => typeOf(box) === type)
}

/** @param {Buffer} moov */
function pictureTrack (moov) {
  for (const track of inside(moov, 'trak')) {
    const [media] = inside(track, 'mdia')
    if (inside(media, 'hdlr')[0].toString('latin1', 16, 20) !== 'vide') continue
    const [header] = inside(media, 'mdhd')
    const [trackHeader] = inside(track, 'tkhd')
    const long = header[8] === 1
    return { track: trackHeader.readUInt32BE(trackHeader[8] === 1 ? 28 : 20), timescale: header.readUInt32BE(long ? 28 : 20) }
  }
  throw new Error('the stream has no picture')
}

/**
 * @param {Buffer} fragment
 * @param {{ track: number, timescale: number }} picture
 */
function pictureTimes (fragment, { track, timescale }) {
  const moof = [...boxes(fragment)].find(box => typeOf(box) === 'moof')
  for (const traf of moof === undefined ? [] : inside(moof, 'traf')) {
    const header = trackFragmentHeader(inside(traf, 'tfhd')[0])
    if (header.track !== track) continue
    const [decodeTime] = inside(traf, 'tfdt')
    const start = decodeTime[8] === 1 ? Number(decodeTime.readBigUInt64BE(12)) : decodeTime.readUInt32BE(12)
    const runs = inside(traf, 'trun').map(run => trackRun(run, header))
    const duration = runs.reduce((sum, run) => sum + run.duration, 0)
    return { key: (runs[0].flags & NOT_A_KEY_FRAME) === 0, start: start / timescale, end: (start + duration) / timescale }
  }
  throw new Error('a fragment without a picture')
}

/** @param {Buffer} tfhd */
function trackFragmentHeader (tfhd) {
  const present = tfhd.readUInt32BE(8) & 0xffffff
  let at = 16
  /** @param {number} flag @param {number} size */
  const field = (flag, size) => {
    if ((present & flag) === 0) return undefined
    at += size
    return at - size
  }
  field(0x1, 8)
  field(0x2, 4)
  const duration = field(0x8, 4)
  field(0x10, 4)
  const flags = field(0x20, 4)
  return {
    track: tfhd.readUInt32BE(12),
    duration: duration === undefined ? 0 : tfhd.readUInt32BE(duration),
    flags: flags === undefined ? 0 : tfhd.readUInt32BE(flags)
  }
}

/**
 * How long a run is, and its first sample's flags.
 * @param {Buffer} trun
 * @param {{ duration: number, flags: number }} usual
 */
function trackRun (trun, usual) {
  const present = trun.readUInt32BE(8) & 0xffffff
  const samples = trun.readUInt32BE(12)
  let at = 16 + ((present & 0x1) !== 0 ? 4 : 0)
  let flags = usual.flags
  const firstFlags = (present & 0x4) !== 0
  if (firstFlags) {
    flags = trun.readUInt32BE(at)
    at += 4
  }
  let duration = 0
  for (let sample = 0; sample < samples; sample++) {
    if ((present & 0x100) !== 0) {
      duration += trun.readUInt32BE(at)
      at += 4
    } else duration += usual.duration
    if ((present & 0x200) !== 0) at += 4
    if ((present & 0x400) !== 0) {
      if (sample === 0 && !firstFlags) flags = trun.readUInt32BE(at)
      at += 4
    }
    if ((present & 0x800) !== 0) at += 4
  }
  return { duration, flags }
}
