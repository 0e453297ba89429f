// Plays what the swarm hands over, near the live edge, whatever happens.
//
// Not here: reading and judging any of it (the parts beside this file), and what a person sees around the picture
// (page/).

import { t } from '../page/texts.js'
import { Arrivals } from './arrivals.js'
import { Delay } from './delay.js'
import { Hold } from './hold.js'
import { LiveEdge } from './live-edge.js'
import { canPlay } from './media-source.js'
import { StallWatch, endOfRange } from './stall.js'
import { Stream } from './stream.js'

/** How often it is looked whether playing goes well: well below what a person notices as a stop. */
const LOOK_MS = 100
/** For so long after the first picture it may still jump freely to the edge. */
const JOINING_S = 1.5
/** A stream that fails is put together anew at once, and when that fails too after ever longer pauses. */
const FIRST_PAUSE_MS = 250
const LAST_PAUSE_MS = 8000
/** So many failures without a picture in between mean that this browser cannot play it. */
const MAX_FAILURES = 4
/** Playing for so long without a failure makes up for those before. */
const GOOD_FOR_S = 10

/** @typedef {import('../wasm/swarm_web.js').BroadcastDescription} BroadcastDescription */
/** @typedef {import('../wasm/swarm_web.js').MediaSegment} MediaSegment */

/**
 * @typedef {object} PlayerSnapshot
 * @property {BroadcastDescription | undefined} description of the newest broadcast
 * @property {boolean} hasPicture whether a picture of it was shown
 * @property {boolean} resting whether it plays nothing, on purpose
 * @property {boolean} starving whether playing waits for segments
 * @property {string | undefined} unsupported why this browser cannot play it, for a person
 * @property {import('./delay.js').DelayNow | undefined} delay
 * @property {number} bufferSeconds what is buffered ahead of the playhead
 * @property {number} holdSeconds what is held back for late segments
 * @property {number | undefined} firstFrameMillis since navigation
 * @property {number} segments
 * @property {number} missingSegments those that the broadcast had in between and that were not played
 * @property {number} stalls
 * @property {number} stalledSeconds
 * @property {number} jumps
 * @property {number} rebuilds
 */

export class Player {
  #video
  /** Has the video element play, once it has something new to play. */
  #start
  /** @type {Stream | undefined} */
  #stream
  /** @type {BroadcastDescription | undefined} */
  #description
  /** @type {string | undefined} */
  #unsupported
  #arrivals = new Arrivals()
  #hold = new Hold()
  #edge = new LiveEdge()
  #stall = new StallWatch()
  #delay = new Delay()
  #needsKeyFrame = true
  #lastNumber = -1
  /** Local seconds until which jumps are free. */
  #joiningUntil = Infinity
  /** Local seconds of this stream's first picture. @type {number | undefined} */
  #pictureAt
  /** @type {number | undefined} */
  #firstFrameMillis
  #starving = false
  #resting = false
  #failures = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry
  #counters = { segments: 0, missingSegments: 0, jumps: 0, rebuilds: 0 }

  /**
   * @param {HTMLVideoElement} video
   * @param {() => void} start has the element play
   */
  constructor (video, start) {
    this.#video = video
    this.#start = start
    video.addEventListener('waiting', () => this.#ranDry())
    setInterval(() => this.#look(), LOOK_MS)
  }

  /** @param {BroadcastDescription} description of a broadcast that begins */
  begin (description) {
    this.#description = description
    this.#lastNumber = -1
    this.#failures = 0
    this.#hold = new Hold()
    this.#build()
  }

  /** @param {BroadcastDescription} description the same broadcast's new one */
  change (description) {
    const resumes = this.#description?.state === 'paused' && description.state === 'live'
    this.#description = description
    if (!resumes) return
    // How its time line goes on after a pause is the streamer's affair.
    this.#arrivals = new Arrivals()
    this.rejoin()
  }

  /** @param {MediaSegment} segment the next */
  add (segment) {
    const now = seconds()
    this.#hold.late(now, this.#arrivals.add(now, segment.presentationTime + segment.duration))
    this.#delay.add(segment)
    if (this.#lastNumber >= 0) this.#counters.missingSegments += segment.number - this.#lastNumber - 1
    this.#lastNumber = segment.number
    if (this.#stream === undefined || (this.#needsKeyFrame && !segment.keyFrame)) {
      if (this.#pictureAt !== undefined) this.#counters.missingSegments += 1
      return
    }
    this.#needsKeyFrame = false
    this.#counters.segments += 1
    this.#stream.append(segment.bytes)
  }

  /** Playing goes on after a rest, at the edge. */
  rejoin () {
    this.#joiningUntil = seconds() + JOINING_S
    this.#stall.reset()
    this.#look()
  }

  /** Whether it plays nothing, on purpose. */
  get isResting () {
    return this.#resting
  }

  /** Plays and decodes nothing until `resume`. */
  rest () {
    this.#resting = true
    this.#dismantle()
    this.#video.removeAttribute('src')
    this.#video.load()
  }

  /** Plays again after a rest. */
  resume () {
    this.#resting = false
    this.#build()
  }

  /** @returns {PlayerSnapshot} */
  snapshot () {
    const { currentTime, buffered } = this.#video
    const now = seconds()
    const edge = this.#arrivals.edge(now)
    return {
      description: this.#description,
      hasPicture: this.#pictureAt !== undefined,
      resting: this.#resting,
      starving: this.#starving,
      unsupported: this.#unsupported,
      delay: edge === undefined || this.#resting ? undefined : this.#delay.at(Date.now() / 1000, currentTime, edge),
      bufferSeconds: endOfRange(buffered, currentTime) - currentTime,
      holdSeconds: this.#hold.seconds(now),
      firstFrameMillis: this.#firstFrameMillis,
      stalls: this.#stall.stalls,
      stalledSeconds: this.#stall.seconds,
      ...this.#counters
    }
  }

  #dismantle () {
    clearTimeout(this.#retry)
    this.#stream?.close()
    this.#stream = undefined
    this.#arrivals = new Arrivals()
    this.#needsKeyFrame = true
    this.#starving = false
    this.#pictureAt = undefined
    this.#joiningUntil = Infinity
    this.#stall.reset()
  }

  /** Puts a stream together for the newest broadcast. */
  #build () {
    this.#dismantle()
    const description = this.#description
    if (description === undefined || this.#resting) return
    this.#unsupported = canPlay(description.codecs)
      ? undefined
      : t('It cannot decode {}, which the streamer sends. Use a current Firefox, Chrome, Edge or Safari.', description.codecs)
    if (this.#unsupported !== undefined) return
    const stream = new Stream(this.#video, description, {
      appended: () => this.#look(),
      overflowed: () => { this.#needsKeyFrame = true },
      failed: reason => { if (this.#stream === stream) this.#failed(reason) }
    })
    this.#stream = stream
    this.#awaitPicture(stream)
    this.#start()
  }

  /** @param {string} reason */
  #failed (reason) {
    console.warn('the stream is put together anew:', reason)
    this.#stream?.close()
    this.#stream = undefined
    this.#failures += 1
    this.#counters.rebuilds += 1
    if (this.#failures > MAX_FAILURES) {
      this.#unsupported = t('It fails to decode what the streamer sends. Try another browser.')
      return
    }
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** (this.#failures - 1), LAST_PAUSE_MS)
    this.#retry = setTimeout(() => this.#build(), pause)
  }

  /** @param {Stream} stream */
  #awaitPicture (stream) {
    const seen = () => {
      if (this.#stream !== stream || this.#pictureAt !== undefined) return
      this.#pictureAt = seconds()
      this.#firstFrameMillis ??= performance.now()
      this.#joiningUntil = this.#pictureAt + JOINING_S
    }
    if ('requestVideoFrameCallback' in this.#video) this.#video.requestVideoFrameCallback(seen)
    else /** @type {HTMLVideoElement} */ (this.#video).addEventListener('playing', seen, { once: true })
  }

  /** Looks after playing: at each beat, and when there is more to play. */
  #look () {
    const video = this.#video
    if (this.#stream === undefined || video.seeking || video.buffered.length === 0) return
    if (video.paused || this.#description?.state !== 'live') {
      this.#stall.reset()
      this.#starving = false
      return
    }
    const now = seconds()
    if (this.#pictureAt !== undefined && now > this.#pictureAt + GOOD_FOR_S) this.#failures = 0
    const target = this.#target(now)
    const advice = this.#stall.look(now, video)
    this.#starving = advice.help === 'wait'
    switch (advice.help) {
      case 'wait': return
      case 'skip': return this.#jump(advice.to)
      case 'nudge': return this.#jump(Math.max(target, video.currentTime + 0.1))
      case 'rebuild': return this.#failed('playing does not go on')
    }
    this.#keepToEdge(now, target)
  }

  /** The browser has stopped because it has too little; the same event also begins each jump, which is none. */
  #ranDry () {
    const onPurpose = this.#video.seeking || seconds() < this.#joiningUntil
    if (!onPurpose && this.#description?.state === 'live') this.#hold.stalled(seconds())
  }

  /**
   * @param {number} now
   * @param {number} target
   */
  #keepToEdge (now, target) {
    const video = this.#video
    const { buffered, currentTime: playhead } = video
    // Before the first picture the playhead may stand before everything.
    const start = buffered.start(buffered.length - 1)
    const from = Math.max(playhead, start)
    const joining = now < this.#joiningUntil
    const { rate, jump } = this.#edge.correct({ playhead, target, end: endOfRange(buffered, from), joining })
    if (jump !== undefined) return this.#jump(Math.max(jump, start))
    if (video.playbackRate !== rate) video.playbackRate = rate
  }

  /**
   * Where playing should be now. What is played has arrived if it lies a segment before what could have arrived; what is
   * held lies before that.
   * @param {number} now
   */
  #target (now) {
    const segment = (this.#description?.segmentMillis ?? 0) / 1000
    const edge = this.#arrivals.edge(now) ?? 0
    return edge - segment - this.#hold.seconds(now)
  }

  /** @param {number} to media seconds */
  #jump (to) {
    if (this.#pictureAt !== undefined) this.#counters.jumps += 1
    this.#stall.reset()
    this.#video.playbackRate = 1
    this.#video.currentTime = to
  }
}

/** Local seconds, on a clock that never jumps. */
function seconds () {
  return performance.now() / 1000
}
