// Reads the time strip of the test source's picture from a playing page (docs/TEST-SOURCE.md): how old each frame is when
// it is shown.
//
// The functions run inside the page, so they use nothing from outside themselves.

/**
 * Begins to read the strip of every frame that is shown. Works in Playwright and in Puppeteer.
 * @param {{ evaluate: (inPage: () => void) => Promise<unknown> }} page
 */
export async function readStrips (page) {
  await page.evaluate(() => {
    const BLOCKS = 48
    const BLOCKS_IN_WIDTH = 80
    // What a block is scaled to: its middle pixel is then its own.
    const SIDE = 5
    const video = /** @type {HTMLVideoElement} */ (document.querySelector('video'))
    const canvas = document.createElement('canvas')
    canvas.width = BLOCKS * SIDE
    canvas.height = SIDE
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }))
    /** @type {{ frames: number, unreadable: number, delays: number[] }} */
    const strips = { frames: 0, unreadable: 0, delays: [] }
    Object.assign(window, { strips })

    /** @returns {number | undefined} Unix milliseconds modulo 2^40 */
    function timeOfFrame () {
      const side = video.videoWidth / BLOCKS_IN_WIDTH
      context.drawImage(video, 0, 0, side * BLOCKS, side, 0, 0, canvas.width, canvas.height)
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
      const bytes = [0, 0, 0, 0, 0, 0]
      for (let block = 0; block < BLOCKS; block++) {
        const x = block * SIDE + (SIDE >> 1)
        const green = data[((SIDE >> 1) * canvas.width + x) * 4 + 1]
        bytes[block >> 3] = bytes[block >> 3] << 1 | (green > 127 ? 1 : 0)
      }
      const sum = bytes.slice(0, 5).reduce((sum, byte) => sum + byte, 0) & 255
      if (sum !== bytes[5]) return undefined
      return bytes.slice(0, 5).reduce((time, byte) => time * 256 + byte, 0)
    }

    function look () {
      const time = timeOfFrame()
      strips.frames += 1
      if (time === undefined) strips.unreadable += 1
      else {
        const delay = (Date.now() % 2 ** 40) - time
        strips.delays.push(delay < -(2 ** 39) ? delay + 2 ** 40 : delay)
      }
      video.requestVideoFrameCallback(look)
    }
    video.requestVideoFrameCallback(look)
  })
}

/**
 * What was read since the last time, delays in milliseconds.
 * @param {{ evaluate: (inPage: () => any) => Promise<any> }} page
 * @returns {Promise<{ frames: number, unreadable: number, delays: number[] }>}
 */
export async function takeStrips (page) {
  return page.evaluate(() => {
    const { strips } = /** @type {any} */ (window)
    const taken = { ...strips }
    Object.assign(strips, { frames: 0, unreadable: 0, delays: [] })
    return taken
  })
}

/**
 * @param {number[]} values
 * @param {number} share between 0 and 1
 * @returns {number | undefined} the value that this share of them does not exceed
 */
export function quantile (values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}
