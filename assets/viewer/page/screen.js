// Full screen and picture in picture, as far as the browser has them.

import { elements } from './elements.js'
import { t } from './texts.js'

const { stage, video, fullScreen, pip } = elements

/** What iPhones have instead. @type {HTMLVideoElement & { webkitEnterFullscreen?: () => void }} */
const phoneVideo = video

export class Screen {
  constructor () {
    fullScreen.hidden = !document.fullscreenEnabled && phoneVideo.webkitEnterFullscreen === undefined
    pip.hidden = !document.pictureInPictureEnabled
    fullScreen.addEventListener('click', () => this.toggleFullScreen())
    pip.addEventListener('click', () => this.togglePictureInPicture())
    document.addEventListener('fullscreenchange', () => {
      const full = document.fullscreenElement === stage
      fullScreen.classList.toggle('is-on', full)
      fullScreen.setAttribute('aria-label', t(full ? 'Leave full screen' : 'Full screen'))
    })
  }

  async toggleFullScreen () {
    try {
      if (document.fullscreenElement !== null) await document.exitFullscreen()
      else if (document.fullscreenEnabled) await stage.requestFullscreen()
      else phoneVideo.webkitEnterFullscreen?.()
    } catch (error) {
      // The page that embeds this one does not let it.
      console.warn('no full screen:', error)
    }
  }

  async togglePictureInPicture () {
    if (!document.pictureInPictureEnabled) return
    try {
      if (document.pictureInPictureElement !== null) await document.exitPictureInPicture()
      else await video.requestPictureInPicture()
    } catch (error) {
      // There is no picture yet.
      console.warn('no picture in picture:', error)
    }
  }
}
