// The real program, broadcasting without a window: started, listened to, stopped and killed.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export const PROGRAM = process.env.LIVEONTORRENT ??
  fileURLToPath(new URL('../../target/debug/liveontorrent', import.meta.url))
/** For what takes a second on an idle machine. */
const PATIENCE_MS = 30_000

/** A channel of its own: a folder in which the program finds, or makes, its key. */
export class Channel {
  folder = mkdtempSync(join(tmpdir(), 'liveontorrent-'))

  remove () {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** @typedef {{ source?: string, listen?: string, title?: string, segmentMillis?: number, resolution?: string,
 *   fps?: number, bitrate?: string, keyFrameMillis?: number, display?: string,
 *   details?: string[] }} Options */

/** What several browsers on a machine with two processors can play at once. @type {Options} */
export const SMALL_PICTURE = { source: 'test:busy', resolution: '320x180', fps: 15, bitrate: '800k' }

export class App {
  #process
  #gone
  /** The share link. */
  link = ''
  /** The newest counters. @type {Record<string, number> | undefined} */
  stats
  /** What the streamer has been told. @type {string[]} */
  hints = []

  /**
   * Goes live, until the test is over at the latest.
   * @param {{ after: (end: () => unknown) => void }} context the test's
   * @param {Channel} channel
   * @param {Options} options
   */
  static async live (context, channel, options = {}) {
    const app = new App(channel, options)
    context.after(() => app.kill())
    await app.#liveness
    return app
  }

  /** @type {Promise<void>} */
  #liveness

  /**
   * @param {Channel} channel
   * @param {Options} options
   */
  constructor (channel, { source = 'test', listen = '127.0.0.1:0', title = '', segmentMillis = 250, resolution = '720p', fps = 30, bitrate,
    keyFrameMillis = 2000, display, details = [] }) {
    const line = ['broadcast', '--source', source, '--listen', listen, '--title', title,
      '--segment-ms', String(segmentMillis), '--key-frame-ms', String(keyFrameMillis), '--resolution', resolution,
      '--fps', String(fps), '--json', '--control', ...details]
    if (bitrate !== undefined) line.push('--bitrate', bitrate)
    /** @type {NodeJS.ProcessEnv} */
    const environment = { ...process.env, XDG_CONFIG_HOME: channel.folder }
    if (display !== undefined) environment.DISPLAY = display
    this.#process = spawn(PROGRAM, line, { env: environment, stdio: ['pipe', 'pipe', 'inherit'] })
    this.#gone = new Promise(resolve => { this.#process.once('exit', resolve) })
    this.#liveness = new Promise((resolve, reject) => {
      const giveUp = setTimeout(() => reject(new Error('the program does not go live')), PATIENCE_MS)
      this.#process.once('error', reject)
      this.#process.once('exit', code => reject(new Error(`the program ended with ${code} before it was live`)))
      createInterface({ input: this.#process.stdout }).on('line', text => {
        const said = JSON.parse(text)
        if (said.event === 'stats') this.stats = said
        if (said.event === 'hint') this.hints.push(said.text)
        if (said.event !== 'live') return
        this.link = said.link
        clearTimeout(giveUp)
        resolve()
      })
    })
  }

  /** The process's id. */
  get pid () {
    return this.#process.pid
  }

  /** Where it listens, for the next one to listen there too. */
  get address () {
    return new URL(this.link).host
  }

  /**
   * Gives it a command, as `--control` takes them.
   * @param {string} command
   */
  tell (command) {
    this.#process.stdin.write(`${command}\n`)
  }

  /** Ends the broadcast as a person at the keyboard does. */
  async stop () {
    this.#process.kill('SIGINT')
    assert.equal(await this.#gone, 0, 'the program ends well')
  }

  /** As if the power had gone. */
  async kill () {
    this.#process.kill('SIGKILL')
    await this.#gone
  }
}
