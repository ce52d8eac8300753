// Reads QR codes. This worker alone may run WebAssembly: its own policy says so, and it loads nothing from elsewhere.

import { prepareZXingModule, readBarcodes } from "/static/vendor/zxing/reader/index.js";

prepareZXingModule({ overrides: { locateFile: (name) => `/static/vendor/zxing/${name}` } });

self.addEventListener("message", async ({ data: { number, picture, frame } }) => {
  let pixels = frame;
  try {
    if (picture) pixels = await decoded(picture);
  } catch {
    self.postMessage({ number, failed: "not-recognised" });
    return;
  }
  try {
    const found = await readBarcodes(pixels, { formats: ["QRCode"], maxNumberOfSymbols: 16 });
    self.postMessage({ number, texts: found.filter((code) => code.isValid).map((code) => code.text) });
  } catch {
    self.postMessage({ number, failed: "no-seal-in-picture" });
  }
});

async function decoded(bytes) {
  const bitmap = await createImageBitmap(new Blob([bytes]));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  canvas.fillStyle = "white";
  canvas.fillRect(0, 0, bitmap.width, bitmap.height);
  canvas.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.getImageData(0, 0, canvas.canvas.width, canvas.canvas.height);
}
