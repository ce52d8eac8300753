"""The words that a certificate prints for codes: roles, units, countries, lists, bands, in both languages."""

from datetime import date, datetime
from decimal import Decimal

from portal import countries
from portal.text import Text

ROLES = {
    "end_user": Text("End user", "最终用户"),
    "ultimate_consignee": Text("Ultimate consignee", "最终收货人"),
    "consignee": Text("Consignee", "收货人"),
    "intermediary": Text("Intermediary", "中间商"),
    "broker": Text("Broker", "经纪人"),
    "freight_forwarder": Text("Freight forwarder", "货运代理人"),
    "carrier": Text("Carrier", "承运人"),
    "bank": Text("Bank", "银行"),
    "payer": Text("Payer", "付款人"),
    "notify_party": Text("Notify party", "通知方"),
    "signatory": Text("Signatory", "签署人"),
    "owner": Text("Owner", "所有人"),
}
# UN/ECE Recommendation 20 codes; what is not here prints as its code.
UNITS = {
    "KGM": Text("kg", "千克"),
    "GRM": Text("g", "克"),
    "TNE": Text("t", "吨"),
    "C62": Text("pcs", "个"),
    "NMB": Text("pcs", "个"),
    "H87": Text("pcs", "件"),
    "PCE": Text("pcs", "件"),
    "SET": Text("sets", "套"),
    "MTR": Text("m", "米"),
    "MTK": Text("m²", "平方米"),
    "MTQ": Text("m³", "立方米"),
    "LTR": Text("l", "升"),
}
MODES = {
    "sea": Text("by sea", "海运"),
    "air": Text("by air", "空运"),
    "road": Text("by road", "公路运输"),
    "rail": Text("by rail", "铁路运输"),
    "post": Text("by post", "邮递"),
}
IDENTIFIERS = {
    "USCC": Text("Unified Social Credit Code", "统一社会信用代码"),
    "LEI": Text("Legal Entity Identifier", "全球法人识别编码"),
}
BANDS = {
    "low": Text("low", "低"),
    "moderate": Text("moderate", "中"),
    "high": Text("high", "高"),
    "very_high": Text("very high", "极高"),
}
CONTROL_STATES = {
    "controlled": Text("controlled", "管制"),
    "not_controlled": Text("none found", "未发现"),
    "review": Text("under review", "待核定"),
}
LISTS = {
    "cn": Text("China: control list and watch list", "中国出口管制管控名单、关注名单"),
    "restricted": Text("This portal's restricted list", "本门户限制名单"),
    "un": Text("UN Security Council consolidated list", "联合国安理会综合制裁名单"),
    "ofac-sdn": Text("US Treasury, OFAC: SDN list", "美国财政部外国资产控制办公室SDN名单"),
    "ofac-cons": Text("US Treasury, OFAC: other lists", "美国财政部外国资产控制办公室其他名单"),
    "us-csl": Text("US consolidated screening list", "美国综合筛查名单"),
    "us-dpl": Text("US denied persons list", "美国被拒绝人员名单"),
    "eu-fsf": Text("EU consolidated financial sanctions list", "欧盟金融制裁综合名单"),
    "ftm": Text("List loaded by the authority (FollowTheMoney)", "主管部门载入的名单（FollowTheMoney格式）"),
}
QUESTIONNAIRES = {
    "end-use": Text("End-use questionnaire", "最终用途问卷"),
    "end-user": Text("End-user questionnaire", "最终用户问卷"),
}
POLICIES = {"military-use": Text("Policy on the risk of military use", "军事用途风险评估规则")}
METHODS = {
    "password": Text(
        "confirmed with a password only: weaker evidence than a passkey or a personal signing key",
        "仅以密码确认，证明力弱于通行密钥或个人签名密钥",
    ),
    "case-file": Text(
        "as the case file says; nobody proved who they are: weaker evidence than a passkey or a personal signing key",
        "依据案例文件所载，未核实声明人身份，证明力弱于通行密钥或个人签名密钥",
    ),
    "passkey": Text("confirmed with a passkey", "以通行密钥确认"),
    "signature": Text("signed with a personal key", "以个人签名密钥签署"),
}
# Ways of attesting that the certificate marks as the weaker ones.
WEAK_METHODS = frozenset({"password", "case-file"})
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def country(code: str) -> Text:
    """The name of an ISO 3166-1 alpha-2 code; one that is not known prints as itself, once."""
    return countries.name(code) if countries.exists(code) else Text(code, "")


def word(words: dict[str, Text], code: str) -> Text:
    """The words for a code; a code that is not known prints as itself, once, never as nothing."""
    return words.get(code) or Text(code.replace("_", " "), "")


def day(value: str) -> Text:
    """An ISO date or moment as a day: ``24 Nov 2026`` and ``2026年11月24日``."""
    on = date.fromisoformat(value[:10])
    return Text(f"{on.day} {_MONTHS[on.month - 1]} {on.year}", f"{on.year}年{on.month}月{on.day}日")


def moment(value: str) -> str:
    """A UTC moment to the minute, the same in both languages: ``2026-11-24 09:00 UTC``."""
    return datetime.fromisoformat(value).strftime("%Y-%m-%d %H:%M UTC")


def amount(value: str) -> str:
    """A decimal string with thousands separated by commas, and every digit that was stated."""
    return f"{Decimal(value):,f}"
