// A short video file with sound: left half red, right half blue, with a tone.

import { execFileSync } from 'node:child_process'

/** @param {string} path where it is written */
export function makeClip (path) {
  const half = (/** @type {string} */ color) => `color=${color}:size=640x720:rate=30`
  execFileSync('ffmpeg', [
    '-v', 'error', '-y',
    '-f', 'lavfi', '-i', half('red'), '-f', 'lavfi', '-i', half('blue'), '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000',
    '-filter_complex', '[0][1]hstack', '-t', '4', '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac', path
  ])
}

/**
 * Whether a playing page shows it.
 * @param {import('./browsers.mjs').Page} page
 */
export async function showsClip (page) {
  const { left, right } = await page.evaluate(() => {
    const canvas = document.createElement('canvas')
    canvas.width = 4
    canvas.height = 1
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
    context.drawImage(/** @type {HTMLVideoElement} */ (document.querySelector('video')), 0, 0, 4, 1)
    const pixel = (/** @type {number} */ x) => [...context.getImageData(x, 0, 1, 1).data]
    return { left: pixel(0), right: pixel(3) }
  })
  return left[0] > 180 && left[2] < 80 && right[2] > 180 && right[0] < 80
}
