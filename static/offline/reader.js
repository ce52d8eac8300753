// Reads QR codes. This worker alone may run WebAssembly: its own policy says so, and it loads nothing from elsewhere.

import { prepareZXingModule, readBarcodes } from "/static/vendor/zxing/reader/index.js";

prepareZXingModule({ overrides: { locateFile: (name) => `/static/vendor/zxing/${name}` } });

const WANTED = { formats: ["QRCode"], maxNumberOfSymbols: 16 };
// A frame has no second chance but the next one, so they are looked at in turns: what one way misses in a shadow or on
// a bad copy, another reads. Nobody prints a code as a negative.
const WAYS = [{}, { tryDenoise: true }, { binarizer: "GlobalHistogram" }];
const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

self.addEventListener("message", async ({ data: { number, picture, frame } }) => {
  let pixels;
  try {
    pixels = drawn(frame ?? (await createImageBitmap(new Blob([picture]))));
  } catch {
    self.postMessage({ number, damaged: true });
    return;
  }
  const how = frame ? { tryInvert: false, ...WAYS[number % WAYS.length] } : {};
  try {
    const found = await readBarcodes(pixels, { ...WANTED, ...how });
    self.postMessage({ number, texts: found.filter((code) => code.isValid).map((code) => code.text) });
  } catch {
    self.postMessage({ number, damaged: false });
  }
});

function drawn(bitmap) {
  const { width, height } = bitmap;
  Object.assign(canvas.canvas, { width, height });
  canvas.fillStyle = "white";
  canvas.fillRect(0, 0, width, height);
  canvas.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.getImageData(0, 0, width, height);
}
