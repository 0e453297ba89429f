// A screen without a monitor whose pixels can be read while a program draws on it: Xvfb keeps them in a file, in X's own
// dump format (XWD, X11/XWDFile.h).

import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDisplay } from '../../tests/browser/display.mjs'

/** Every so many pixels one is looked at: a letter is wider. */
const STEP = 6

/** Numbers of 4 bytes in the header, most significant first. */
const HEADER = { size: 0, width: 4, height: 5, bytesPerLine: 12, colours: 19 }

export class Screen {
  #file
  /** Its name, as in DISPLAY. */
  display

  /**
   * @param {{ after: (end: () => unknown) => void }} context ends it
   */
  static async open (context) {
    const folder = mkdtempSync(join(tmpdir(), 'liveontorrent-screen-'))
    context.after(() => rmSync(folder, { recursive: true, force: true }))
    const display = await openDisplay(context, ['-fbdir', folder])
    const screen = new Screen(display, folder)
    context.after(() => closeSync(screen.#file))
    return screen
  }

  /**
   * @param {string} display
   * @param {string} folder
   */
  constructor (display, folder) {
    this.display = display
    this.#file = openSync(join(folder, 'Xvfb_screen0'), 'r')
  }

  /** How many colours are on it, of those that are looked at. */
  colours () {
    const header = Buffer.alloc(100)
    readSync(this.#file, header, 0, header.length, 0)
    const number = (/** @type {number} */ index) => header.readUInt32BE(index * 4)
    const line = number(HEADER.bytesPerLine)
    const pixels = Buffer.alloc(line * number(HEADER.height))
    readSync(this.#file, pixels, 0, pixels.length, number(HEADER.size) + number(HEADER.colours) * 12)
    const seen = new Set()
    for (let y = 0; y < number(HEADER.height); y += STEP) {
      for (let x = 0; x < number(HEADER.width); x += STEP) seen.add(pixels.readUInt32LE(y * line + x * 4) & 0xffffff)
    }
    return seen.size
  }
}
