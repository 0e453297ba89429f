// One broadcast in the browser's hands: a media source on the video element, with one buffer for all of it.
//
// It lives until the broadcast is over or something in it fails; the player then makes another.

import { AppendQueue } from './append-queue.js'
import { mediaSourceClass, mimeType } from './media-source.js'

/** @typedef {import('../wasm/swarm_web.js').BroadcastDescription} BroadcastDescription */
/** @typedef {import('./append-queue.js').AppendListener} AppendListener */

export class Stream {
  #video
  #source
  #listener
  /** What came before the source was open. @type {Uint8Array<ArrayBuffer>[]} */
  #early = []
  /** @type {AppendQueue | undefined} */
  #queue
  #over = false
  #onerror = () => this.#fail(this.#video.error?.message || 'the browser could not decode the stream')

  /**
   * @param {HTMLVideoElement} video
   * @param {BroadcastDescription} description
   * @param {AppendListener} listener
   */
  constructor (video, description, listener) {
    const Source = mediaSourceClass()
    if (Source === undefined) throw new Error('this browser has no media source')
    this.#video = video
    this.#listener = listener
    this.#source = new Source()
    this.#early.push(description.initSegment)
    const url = URL.createObjectURL(this.#source)
    this.#source.onsourceopen = () => {
      URL.revokeObjectURL(url)
      this.#open(description.codecs)
    }
    this.#source.onsourceclose = () => this.#fail('the browser closed the stream')
    video.addEventListener('error', this.#onerror)
    video.src = url
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes a segment */
  append (bytes) {
    if (this.#queue !== undefined) this.#queue.append(bytes)
    else this.#early.push(bytes)
  }

  /** Lets go of the video element, which is given another source next. */
  close () {
    this.#over = true
    this.#queue?.close()
    this.#source.onsourceopen = null
    this.#source.onsourceclose = null
    this.#video.removeEventListener('error', this.#onerror)
  }

  /** @param {string} codecs */
  #open (codecs) {
    this.#source.onsourceopen = null
    try {
      // There is no end to plan for.
      this.#source.duration = Infinity
      const buffer = this.#source.addSourceBuffer(mimeType(codecs))
      const queue = new AppendQueue(buffer, () => this.#video.currentTime, {
        appended: () => this.#listener.appended(),
        overflowed: () => this.#listener.overflowed(),
        failed: reason => this.#fail(reason)
      })
      this.#queue = queue
      for (const bytes of this.#early.splice(0)) queue.append(bytes)
    } catch (error) {
      this.#fail(String(error))
    }
  }

  /** @param {string} reason */
  #fail (reason) {
    if (this.#over) return
    this.close()
    this.#listener.failed(reason)
  }
}
