// That this page passes the stream on: says so, lets a person switch it off, and lets it go on without playing.

import { elements, write } from './elements.js'
import { storePassOn, storedPassOn } from './choice.js'
import { inBytes } from './numbers.js'
import { t } from './texts.js'

/** @typedef {import('../swarm/membership.js').Membership} Membership */
/** @typedef {import('../swarm/membership.js').SwarmSnapshot} SwarmSnapshot */
/** @typedef {import('../media/player.js').Player} Player */

const { stage, upload, help, watchAgain, passingFact, passingTitle, passingText } = elements

export class PassingOn {
  #membership
  #player

  /**
   * @param {Membership} membership
   * @param {Player} player
   */
  constructor (membership, player) {
    this.#membership = membership
    this.#player = player
    this.#choose(storedPassOn())
    upload.addEventListener('change', () => {
      this.#choose(upload.checked)
      storePassOn(upload.checked)
      // A tab that neither plays nor passes on is of no use to anybody.
      if (!upload.checked) this.endHelp()
    })
    help.addEventListener('click', () => { if (player.isResting) this.endHelp(); else this.#beginHelp() })
    watchAgain.addEventListener('click', () => this.endHelp())
    passingFact.addEventListener('click', () => upload.focus())
  }

  /** @param {SwarmSnapshot} snapshot */
  show ({ swarm }) {
    const given = swarm?.uploadedPieceBytes ?? 0
    const title = titleFor(upload.checked, this.#player.isResting)
    write(passingFact, title)
    write(passingTitle, title)
    write(passingText, upload.checked
      ? t('No server sends this broadcast: viewers pass it on to each other, and so does this page while it is open. {} Switch it off if you pay for your data.', inWords(given))
      : t('This page passes nothing on. Somebody else has to send what you watch; with many like that the picture gets stuck for all.'))
  }

  /** Plays again. */
  endHelp () {
    if (!this.#player.isResting) return
    this.#player.resume()
    this.#showHelp()
  }

  #beginHelp () {
    this.#choose(true)
    storePassOn(true)
    this.#player.rest()
    this.#showHelp()
    watchAgain.focus()
  }

  /** @param {boolean} on */
  #choose (on) {
    upload.checked = on
    this.#membership.setUpload(on)
  }

  #showHelp () {
    const helping = this.#player.isResting
    stage.classList.toggle('is-helping', helping)
    watchAgain.hidden = !helping
    help.textContent = t(helping ? 'Watch again' : 'Help by keeping this tab open')
  }
}

/**
 * @param {boolean} passesOn
 * @param {boolean} helping
 */
function titleFor (passesOn, helping) {
  if (helping) return t('You are helping')
  return t(passesOn ? 'You pass it on' : 'You only receive')
}

/** @param {number} given bytes */
function inWords (given) {
  return given === 0 ? t('Nobody has needed anything from it so far.') : t('So far it has given {} to others.', inBytes(given))
}
