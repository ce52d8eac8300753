// The QR codes of a picture or of a camera's frame, read by a worker: the decoder is WebAssembly, which a page may not
// run, and a page whose codes are read elsewhere stays quick.

/** Nothing could be read: because the file is no picture (`damaged`), or because the decoder does not run here. */
export class Unread extends Error {
  constructor(damaged = false) {
    super(damaged ? "no picture" : "no decoder");
    this.damaged = damaged;
  }
}

let reader = null;
let asked = 0;

/**
 * The texts of the QR codes in a picture file ({ picture }, bytes) or in a frame ({ frame }, an ImageBitmap, which is
 * used up). Of frames that follow one another, each is looked at in another way than the one before. Throws Unread.
 */
export function codes(what) {
  reader ??= new Worker("/verify/offline/reader.js", { type: "module" });
  const number = (asked += 1);
  return new Promise((resolve, reject) => {
    const end = (settle, value) => {
      reader?.removeEventListener("message", answer);
      reader?.removeEventListener("error", broken);
      settle(value);
    };
    const answer = ({ data }) => {
      if (data.number !== number) return;
      if (data.texts) end(resolve, data.texts);
      else end(reject, new Unread(data.damaged));
    };
    const broken = () => {
      end(reject, new Unread());
      reader = null;
    };
    reader.addEventListener("message", answer);
    reader.addEventListener("error", broken);
    reader.postMessage({ number, ...what }, what.frame ? [what.frame] : []);
  });
}
