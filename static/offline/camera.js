// A camera: opened, asked what it can do, and stopped.

import { keep, kept } from "./store.js";

// Pixels. Both codes of a paper that fills the width have 4 pixels a module then.
const [WIDTH, HEIGHT] = [1920, 1080];
// The camera that was chosen last on this device.
const CHOSEN = "camera";
const REASONS = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "none",
  OverconstrainedError: "none",
  NotReadableError: "in-use",
  AbortError: "in-use",
};

/** No picture can be had; `reason` is denied, none, in-use or failed. */
export class NoCamera extends Error {
  constructor(reason, detail) {
    super(detail);
    this.reason = reason;
  }
}

/** Shows the picture of a camera in a video element, and calls `lost` when the camera ends by itself. */
export class Camera {
  #video;
  #lost;
  #track = null;
  #turn = 0;

  constructor(video, lost) {
    this.#video = video;
    this.#lost = lost;
  }

  /**
   * Show the camera that was chosen last, else one that looks away from the reader. Tells whether there is a picture:
   * false when it was stopped meanwhile. Throws NoCamera.
   */
  async open() {
    this.stop();
    const turn = this.#turn;
    const stream = await this.#stream(await kept(CHOSEN).catch(() => undefined));
    if (turn !== this.#turn) {
      for (const track of stream.getTracks()) track.stop();
      return false;
    }
    [this.#track] = stream.getVideoTracks();
    this.#track.addEventListener("ended", this.#lost);
    this.#video.srcObject = stream;
    await this.#apply({ focusMode: "continuous" }, this.#able.focusMode?.includes("continuous"));
    // A video that is taken away before it has begun to play is stopped, not broken.
    await this.#video.play().catch(() => {});
    return turn === this.#turn;
  }

  /** Switch the camera off at once, and with it whatever is being opened. */
  stop() {
    this.#turn += 1;
    this.#track?.removeEventListener("ended", this.#lost);
    this.#track?.stop();
    this.#track = null;
    this.#video.srcObject = null;
  }

  /** The frame that is shown now, as an ImageBitmap; null while there is none. */
  async frame() {
    if (!this.#track || this.#video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return null;
    return createImageBitmap(this.#video);
  }

  /** How many cameras there are. */
  async count() {
    return (await cameras()).length;
  }

  /** Choose the next camera; it is shown when it is opened. */
  async next() {
    const all = await cameras();
    const now = all.findIndex((one) => one.deviceId === this.#track?.getSettings().deviceId);
    const { deviceId } = all[(now + 1) % all.length];
    await keep(CHOSEN, deviceId).catch(() => {});
  }

  /** Whether the camera has a lamp. */
  get hasLight() {
    return Boolean(this.#able.torch);
  }

  /** Switch the lamp. */
  light(on) {
    return this.#apply({ torch: on }, this.hasLight);
  }

  get #able() {
    return this.#track?.getCapabilities?.() ?? {};
  }

  /** What a camera says it can do and then does not is no reason to stop. */
  async #apply(setting, able) {
    if (able) await this.#track.applyConstraints({ advanced: [setting] }).catch(() => {});
  }

  async #stream(chosen) {
    const size = { width: { ideal: WIDTH }, height: { ideal: HEIGHT } };
    const ask = (which) => navigator.mediaDevices.getUserMedia({ audio: false, video: { ...size, ...which } });
    try {
      try {
        if (chosen) return await ask({ deviceId: { exact: chosen } });
      } catch (error) {
        if (!["OverconstrainedError", "NotFoundError"].includes(error.name)) throw error; // else it was taken away
      }
      return await ask({ facingMode: { ideal: "environment" } });
    } catch (error) {
      throw new NoCamera(REASONS[error.name] ?? "failed", error.message);
    }
  }
}

const cameras = async () =>
  (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput");
