// The real hub, started, stopped and killed; and streamers that say what a test wants them to say.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { PROGRAM } from './app.mjs'

/** For what takes a second on an idle machine. */
const PATIENCE_MS = 30_000

export class Hub {
  #process
  #gone
  /** @type {Promise<void>} */
  #serving
  /** Where its front page is. */
  url = ''

  /**
   * Runs until the test is over at the latest.
   * @param {{ after: (end: () => unknown) => void }} context the test's
   * @param {{ listen?: string, more?: string[] }} options
   */
  static async run (context, options = {}) {
    const hub = new Hub(options)
    context.after(() => hub.kill())
    await hub.#serving
    return hub
  }

  /** @param {{ listen?: string, more?: string[] }} options */
  constructor ({ listen = '127.0.0.1:0', more = [] }) {
    this.#process = spawn(PROGRAM, ['hub', '--json', '--listen', listen, ...more], { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#gone = new Promise(resolve => { this.#process.once('exit', resolve) })
    this.#serving = new Promise((resolve, reject) => {
      const giveUp = setTimeout(() => reject(new Error('the hub does not start')), PATIENCE_MS)
      this.#process.once('error', reject)
      this.#process.once('exit', code => reject(new Error(`the hub ended with ${code}`)))
      createInterface({ input: this.#process.stdout }).on('line', text => {
        const said = JSON.parse(text)
        if (said.event !== 'serving') return
        this.url = said.urls[0]
        clearTimeout(giveUp)
        resolve()
      })
    })
  }

  /** The process's id. */
  get pid () {
    const { pid } = this.#process
    if (pid === undefined) throw new Error('the hub was not started')
    return pid
  }

  /** Where it listens, for the next one to listen there too. */
  get address () {
    return new URL(this.url).host
  }

  /** Who is live there. */
  async channels () {
    const response = await fetch(`${this.url}catalogue.json`)
    return (await response.json()).channels
  }

  /**
   * Brings a card.
   * @param {Buffer} card
   * @param {string} localAddress from where: one address brings only so many at once
   */
  async list (card, localAddress = '127.0.0.1') {
    const asking = request(`${this.url}catalogue`, { method: 'POST', localAddress })
    asking.end(card)
    const [response] = await once(asking, 'response')
    assert.equal(response.statusCode, 200, await text(response))
    response.resume()
  }

  /** As if the power had gone. */
  async kill () {
    this.#process.kill('SIGKILL')
    await this.#gone
  }
}

/** DER of PKCS #8 before an Ed25519 seed (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/**
 * A card as the streamer of a channel signs it.
 * @param {number} number of the channel
 * @param {{ [field: string]: string | number | string[] | Buffer }} said in addition to a start and no viewers
 */
export function signedCard (number, said) {
  const seed = Buffer.alloc(32)
  seed.writeUInt32BE(number + 1)
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
  const channel = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32)
  const now = Date.now()
  const record = bencode({ broadcast: Buffer.alloc(8, 1), issued: now, started: now - 60_000, viewers: 0, ...said })
  const signature = sign(null, Buffer.concat([Buffer.from('liveontorrent:card:1:'), record]), key)
  return Buffer.concat([channel, signature, record])
}

/**
 * @param {unknown} value
 * @returns {Buffer} bencoded (BEP 3)
 */
function bencode (value) {
  if (typeof value === 'number') return Buffer.from(`i${value}e`)
  if (typeof value === 'string') return bencode(Buffer.from(value))
  if (Buffer.isBuffer(value)) return Buffer.concat([Buffer.from(`${value.length}:`), value])
  if (Array.isArray(value)) return Buffer.concat([Buffer.from('l'), ...value.map(bencode), Buffer.from('e')])
  const fields = Object.entries(/** @type {object} */ (value)).sort(([a], [b]) => (a < b ? -1 : 1))
  return Buffer.concat([Buffer.from('d'), ...fields.flatMap(field => field.map(bencode)), Buffer.from('e')])
}
