"""Scanning a paper with the camera: Chromium's own fake camera shows it, as a bad photocopy held askew."""

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy
import pytest
from flask import Flask
from PIL import Image, ImageFilter
from playwright.sync_api import Browser, Page, expect

from portal.certificates import keys, qr
from portal.config import Settings
from portal.db import utc_now
from tests.browser.conftest import CHROMIUM, FLAGS, Site, Visit, serving, windows
from tests.certificates.samples import held, issue_one

pytestmark = pytest.mark.browser
WAIT = 20_000
FRAME = (1280, 720)
# Frames for which one picture stands; the camera shows 30 a second.
STILL = 12


@dataclass(frozen=True)
class Desk:
    """A portal, and the codes of a certificate that it issued."""

    site: Site
    seal: str
    proof: str


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    codes: list[str] = []

    def prepare(app: Flask, settings: Settings) -> None:
        now = utc_now()
        issuer = keys.open_issuer(settings, now=now)
        with app.extensions["portal_sessions"]() as session:
            certificate = issue_one(session, issuer, settings, now=now)
            found = held(certificate, keys.trust_root(settings, now=now))
            codes.extend((found.seal, found.proof_code))
            session.commit()

    with serving(tmp_path_factory.mktemp("desk") / "instance", prepare) as site:
        yield Desk(site, *codes)


def copied(text: str, *, turned: float, seed: int) -> bytes:
    """A code as a worn copier leaves it, on a grey table, turned by so many degrees: a JPEG."""
    chance = numpy.random.default_rng(seed)
    code = Image.open(io.BytesIO(qr.png(text, 4))).convert("L")
    code = code.resize((560, 560), Image.Resampling.BILINEAR).filter(ImageFilter.GaussianBlur(1.2))
    dots = numpy.asarray(code, dtype=float) + chance.normal(0, 40, (560, 560))
    speckled = numpy.where(chance.random((560, 560)) < 0.01, 255 - dots, dots)
    sheet = Image.new("L", FRAME, 150)
    sheet.paste(Image.fromarray(numpy.where(speckled < 120, 60, 215).astype("uint8")), (340, 80))
    sheet = sheet.rotate(turned, Image.Resampling.BICUBIC, fillcolor=150).filter(ImageFilter.GaussianBlur(0.8))
    shadow = numpy.linspace(1.05, 0.6, FRAME[0])
    noisy = numpy.asarray(sheet, dtype=float) * shadow + chance.normal(0, 6, FRAME[::-1])
    data = io.BytesIO()
    Image.fromarray(noisy.clip(0, 255).astype("uint8")).convert("RGB").save(data, "jpeg", quality=70)
    return data.getvalue()


@pytest.fixture(scope="module")
def camera(browser: Browser, desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose camera shows another code, the log proof, and then the seal."""
    video = tmp_path_factory.mktemp("video") / "paper.mjpeg"
    shown = (("https://mallory.example/pay", 0), (desk.proof, 5), (desk.seal, -4))
    stills = [copied(text, turned=turned, seed=number) for number, (text, turned) in enumerate(shown)]
    video.write_bytes(b"".join(still * STILL for still in stills))
    flags = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={video}"]
    running = browser.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
    yield running
    running.close()


@pytest.fixture
def visit(camera: Browser, desk: Desk) -> Iterator[Visit]:
    with windows(camera, desk.site) as start:
        yield start


OPEN, SAID, VIDEO = "#scan-open", "#scan-said", "document.getElementById('scan-video')"
OFF = f"{VIDEO}.srcObject === null"
# Collects every word of the status line.
LISTEN = """() => {
  window.told = [];
  const line = document.getElementById("scan-said");
  new MutationObserver(() => told.push(line.dataset.word)).observe(line, { childList: true });
}"""
# A camera that shows one picture for ever, and hands out the track to whoever wants to see it end.
ONE_PICTURE = """address => {
  const canvas = document.createElement("canvas");
  const picture = Object.assign(new Image(), { src: address });
  Object.assign(canvas, { width: 1280, height: 720 });
  const context = canvas.getContext("2d");
  setInterval(() => context.drawImage(picture, 0, 0), 50);
  navigator.mediaDevices.getUserMedia = async () => {
    const stream = canvas.captureStream();
    [window.track] = stream.getTracks();
    return stream;
  };
}"""
REFUSE = "name => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', name); }; }"


def codes(page: Page) -> list[str]:
    return [text[-3:] for text in page.locator(".verify-answer__code").all_inner_texts()]


def test_both_codes_of_a_bad_copy_are_read_and_verified_with_no_network(visit: Visit) -> None:
    visitor = visit()
    visitor.context.grant_permissions(["camera"])
    page = visitor.open("/verify/offline/")
    page.locator("html[data-offline=ready] #app[data-kept]").wait_for(timeout=WAIT)
    visitor.context.set_offline(True)
    page.evaluate(LISTEN)
    page.locator(OPEN).click()
    page.locator("#result h2").wait_for(timeout=WAIT)
    assert codes(page) == ["100", "201", "300"]
    assert page.evaluate("told") == ["starting", "looking", "foreign", "proof", "both"]
    assert page.evaluate(OFF), "the camera is still on"
    expect(page.locator("#result h2")).to_be_focused()
    expect(page.locator("#next")).to_be_visible()


def test_one_code_is_enough_to_go_on_and_the_portal_answers_as_if_it_were_typed(visit: Visit, desk: Desk) -> None:
    page = visit().open("/verify")
    seal = "data:image/jpeg;base64," + base64.b64encode(copied(desk.seal, turned=3, seed=9)).decode("ascii")
    page.evaluate(ONE_PICTURE, seal)
    page.locator(OPEN).click()
    expect(page.locator(SAID)).to_contain_text("1 of 2 read: the seal", timeout=WAIT)
    expect(page.locator("#scan-seal")).to_have_text("✓ Seal: read")
    expect(page.locator("#scan-proof")).to_have_text("○ Log proof: not read yet")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    assert page.evaluate("track.readyState") == "ended", "left, and the camera is still on"
    page.locator("#scan-again").click()
    expect(page.locator(SAID)).to_contain_text("1 of 2 read: the seal", timeout=WAIT)
    page.keyboard.press("Escape")
    page.wait_for_function("track.readyState === 'ended'", timeout=WAIT)
    page.locator(OPEN).click()
    with page.expect_navigation():
        page.locator("#scan-alone").click()
    assert codes(page) == ["100", "201", "300"]


@pytest.mark.parametrize(("language", "lang"), [("en", "en"), ("zh", "zh-Hans")])
def test_why_there_is_no_picture_is_told_in_words(visit: Visit, language: str, lang: str) -> None:
    visitor = visit(language)
    page = visitor.open("/verify")
    page.locator(OPEN).click()
    told = {"en": "this was refused", "zh": "遭到拒绝"}
    expect(page.locator(SAID)).to_contain_text(told[language], timeout=WAIT)
    expect(page.locator("#scan-again")).to_be_focused()
    expect(page.locator("#scan-alone")).to_be_hidden()
    visitor.check(lang, "camera-refused")
    for name, word in (("NotFoundError", "none"), ("NotReadableError", "in-use"), ("TypeError", "failed")):
        page.evaluate(REFUSE, name)
        page.locator("#scan-again").click()
        expect(page.locator(f"{SAID}[data-word={word}]")).not_to_be_empty()


def test_without_a_secure_connection_there_is_a_word_in_place_of_the_button(visit: Visit) -> None:
    visitor = visit()
    visitor.context.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    page = visitor.open("/verify")
    expect(page.locator("#scan-insecure")).to_be_visible()
    expect(page.locator(OPEN)).to_be_hidden()
