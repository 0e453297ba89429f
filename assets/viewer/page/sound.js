// Has the video play, with sound where the browser lets it, and muted with a large 'Tap for sound' where it does not.

import { elements } from './elements.js'
import { storeVolume, storedVolume } from './volume.js'
import { t } from './texts.js'

/** From silent to full: one for each press of a key. */
const STEPS = 20

const { video, tapForSound, mute, volume } = elements

export class Sound {
  /** Whether it is the browser that wants it muted, not the person. */
  #forcedMuted = false
  /** Whether the person wants it to play. */
  #wanted = true
  /** Whether there is to be no sound, whatever the person presses; and whether there was none before. */
  #silenced = false
  #mutedBefore = false
  #onresume

  /** @param {() => void} onresume playing goes on after the person had paused it */
  constructor (onresume) {
    this.#onresume = onresume
    video.volume = storedVolume()
    tapForSound.addEventListener('click', () => this.unmute())
    mute.addEventListener('click', () => this.toggleMute())
    volume.addEventListener('input', () => this.#choose(volume.valueAsNumber))
    video.addEventListener('volumechange', () => this.#show())
    // From the system's media keys, or a picture-in-picture window. What a browser pauses in the background, or because it
    // cannot decode, does not count.
    video.addEventListener('pause', () => { if (!document.hidden && video.error === null) this.#wanted = false })
    video.addEventListener('play', () => { this.#wanted = true })
    this.#show()
  }

  /** Whether the person wants it to play. */
  get wanted () {
    return this.#wanted
  }

  /** Plays, if the person has not paused it. */
  async start () {
    if (!this.#wanted) return
    const refused = await this.#play()
    if (!refused || video.muted) return
    this.#forcedMuted = true
    video.muted = true
    this.#show()
    await this.#play()
  }

  togglePlaying () {
    if (!video.paused) {
      this.#wanted = false
      video.pause()
      return
    }
    this.#wanted = true
    this.#onresume()
    this.start()
  }

  /** @param {boolean} silent whether there is to be no sound, whatever the person presses */
  silence (silent) {
    if (silent) this.#mutedBefore = video.muted
    // Nobody has touched the page: with sound the browser would stop the picture.
    else if (navigator.userActivation?.hasBeenActive === false) this.#forcedMuted = true
    this.#silenced = silent
    video.muted = silent || this.#mutedBefore || this.#forcedMuted
    this.#show()
    if (!silent) this.start()
  }

  toggleMute () {
    if (video.muted) this.unmute()
    else video.muted = true
  }

  unmute () {
    if (this.#silenced) return
    this.#forcedMuted = false
    video.muted = false
    if (video.volume === 0) this.#choose(4 / STEPS)
    this.#show()
    this.start()
  }

  louder () {
    this.#step(1 / STEPS)
  }

  softer () {
    this.#step(-1 / STEPS)
  }

  /** Whether a tap anywhere on the picture is to bring the sound. */
  get isForcedMuted () {
    return this.#forcedMuted
  }

  /** @param {number} by */
  #step (by) {
    if (by > 0 && video.muted) this.unmute()
    this.#choose(video.volume + by)
  }

  /** @param {number} level */
  #choose (level) {
    const chosen = Math.round(Math.min(1, Math.max(0, level)) * STEPS) / STEPS
    video.volume = chosen
    if (chosen > 0 && video.muted) this.unmute()
    storeVolume(chosen)
  }

  /** @returns {Promise<boolean>} whether the browser refused to */
  async #play () {
    try {
      await video.play()
      return false
    } catch (error) {
      return error instanceof DOMException && error.name === 'NotAllowedError'
    }
  }

  #show () {
    const silent = video.muted || video.volume === 0
    tapForSound.hidden = !this.#forcedMuted
    mute.classList.toggle('is-on', silent)
    mute.setAttribute('aria-label', t(silent ? 'Unmute' : 'Mute'))
    mute.title = t(silent ? 'Unmute (m)' : 'Mute (m)')
    volume.value = String(video.muted ? 0 : video.volume)
    volume.setAttribute('aria-valuetext', `${Math.round(volume.valueAsNumber * 100)} %`)
  }
}
