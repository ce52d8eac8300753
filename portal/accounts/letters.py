"""The texts of mails about accounts, in both languages."""

from dataclasses import dataclass

from portal.text import Text


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail ready to send."""

    to: str
    subject: str
    body: str


_FOOT = Text(
    "\n\nThe due-diligence portal\nThis message was sent automatically. Nobody reads replies to it.\n",
    "\n\n出口尽职调查门户\n本邮件由系统自动发送，请勿直接回复。\n",
)


def write(to: str, language: str, subject: Text, body: Text, **values: object) -> Letter:
    """A letter in one language: subject and body with their values filled in, and the foot that every mail has."""
    return Letter(to, subject.filled(**values)[language], body.filled(**values)[language] + _FOOT[language])


def registration(to: str, language: str, link: str) -> Letter:
    """The link to register an organisation with."""
    return write(
        to,
        language,
        Text("Register your organisation", "单位注册"),
        Text(
            "Somebody, most likely you, began to register an organisation with this e-mail address.\n\n"
            "To go on, open this link within 24 hours:\n{link}\n\n"
            "If it was not you, do nothing: no account has been made.",
            "有人（可能是您本人）使用此电子邮箱申请单位注册。\n\n"
            "请在24小时内打开以下链接继续办理：\n{link}\n\n"
            "如非本人操作，请忽略本邮件，系统尚未建立任何账户。",
        ),
        link=link,
    )


def registration_of_known(to: str, language: str, sign_in: str, forgotten: str) -> Letter:
    """For the owner of an account, when somebody tries to register with their address again."""
    return write(
        to,
        language,
        Text("You already have an account", "您已有账户"),
        Text(
            "Somebody, most likely you, tried to register with this e-mail address. It has an account already.\n\n"
            "Sign in:\n{sign_in}\n\nIf you forgot your password:\n{forgotten}\n\n"
            "If it was not you, do nothing: nothing was changed.",
            "有人（可能是您本人）试图使用此电子邮箱注册，但该邮箱已有账户。\n\n"
            "请直接登录：\n{sign_in}\n\n如忘记密码：\n{forgotten}\n\n"
            "如非本人操作，请忽略本邮件，您的账户未作任何更改。",
        ),
        sign_in=sign_in,
        forgotten=forgotten,
    )


def invitation(to: str, language: str, organisation: str, inviter: str, link: str) -> Letter:
    """The link to join an organisation with."""
    return write(
        to,
        language,
        Text("Invitation to join {organisation}", "邀请您加入{organisation}"),
        Text(
            "{inviter} invites you to join {organisation} in the due-diligence portal.\n\n"
            "To accept, open this link within 7 days and choose a password:\n{link}\n\n"
            "If you did not expect this, do nothing.",
            "{inviter}邀请您在出口尽职调查门户加入{organisation}。\n\n"
            "请在7天内打开以下链接并设置密码：\n{link}\n\n"
            "如您不了解此事，请忽略本邮件。",
        ),
        organisation=organisation,
        inviter=inviter,
        link=link,
    )


def invitation_of_known(to: str, language: str, organisation: str) -> Letter:
    """For the owner of an account whom another organisation invites: an account is in one organisation."""
    return write(
        to,
        language,
        Text("You were invited to join {organisation}", "{organisation}邀请您加入"),
        Text(
            "{organisation} invited this e-mail address in the due-diligence portal, but the address already belongs "
            "to an account, and an account is in one organisation only.\n\n"
            "To join {organisation} as well, ask its administrator to invite another address of yours. "
            "Nothing was changed in your account.",
            "{organisation}在出口尽职调查门户向此电子邮箱发出邀请，但该邮箱已有账户，而一个账户只能属于一个单位。\n\n"
            "如您也需加入{organisation}，请其管理员改用您的另一邮箱发出邀请。您的账户未作任何更改。",
        ),
        organisation=organisation,
    )


def password_reset(to: str, language: str, link: str) -> Letter:
    """The link to choose a new password with."""
    return write(
        to,
        language,
        Text("Choose a new password", "重设密码"),
        Text(
            "Somebody, most likely you, asked for a new password.\n\n"
            "To choose one, open this link within one hour. It works once:\n{link}\n\n"
            "If it was not you, do nothing: your password stays as it is.",
            "有人（可能是您本人）申请重设密码。\n\n"
            "请在1小时内打开以下链接设置新密码，链接仅可使用一次：\n{link}\n\n"
            "如非本人操作，请忽略本邮件，您的密码保持不变。",
        ),
        link=link,
    )


def password_changed(to: str, language: str, forgotten: str) -> Letter:
    """Tells the owner that the password is a new one, in case it was not them."""
    return write(
        to,
        language,
        Text("Your password was changed", "密码已更改"),
        Text(
            "The password of your account was changed, and every session was ended.\n\n"
            "If it was not you, choose a new password at once and tell your administrator:\n{forgotten}",
            "您的账户密码已更改，所有登录会话均已结束。\n\n如非本人操作，请立即重设密码并通知本单位管理员：\n{forgotten}",
        ),
        forgotten=forgotten,
    )
