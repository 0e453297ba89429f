// Hands the share link on: as a text to copy, as a QR code, or by the system's own way where a browser has one.

import { elements } from './elements.js'
import { showQrCode } from './qr-picture.js'
import { t } from './texts.js'

const { share, shareDialog, shareLink, shareCopy, shareSystem, shareClose, shareQr, title, openPage } = elements

export class Share {
  constructor () {
    const link = linkOf(location)
    openPage.href = link
    shareLink.value = link
    shareSystem.hidden = typeof navigator.share !== 'function'
    share.addEventListener('click', () => {
      shareCopy.textContent = t('Copy')
      shareQr.toggleAttribute('hidden', !showQrCode(shareQr, link))
      shareDialog.showModal()
    })
    shareLink.addEventListener('focus', () => shareLink.select())
    shareCopy.addEventListener('click', async () => {
      shareCopy.textContent = t(await copied(link) ? 'Copied' : 'Press Ctrl+C')
    })
    shareSystem.addEventListener('click', () => {
      // Whoever closes the system's window has decided not to.
      navigator.share({ title: title.textContent ?? '', url: link }).catch(() => {})
    })
    shareClose.addEventListener('click', () => shareDialog.close())
    // A click beside it.
    shareDialog.addEventListener('click', event => { if (event.target === shareDialog) shareDialog.close() })
  }
}

/**
 * The address without what concerns only this view of it.
 * @param {Location} location
 */
function linkOf ({ origin, pathname, hash }) {
  return `${origin}${pathname}${hash}`
}

/** @param {string} link */
async function copied (link) {
  try {
    await navigator.clipboard.writeText(link)
    return true
  } catch {
    // Over plain HTTP a page has no clipboard, or none that it may use.
    shareLink.focus()
    shareLink.select()
    return document.execCommand('copy')
  }
}
