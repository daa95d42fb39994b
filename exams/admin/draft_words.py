"""What the script of the editor says, in the language of the reader."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def spoken() -> dict[str, str]:
    """Return the sentences of the script by name; %s stands for what it fills in."""
    return {
        "saved": _("Saved"),
        "saved_at": _("Saved at %s"),
        "saving": _("Saving…"),
        "unsaved": _("Not saved yet"),
        "offline": _("Not saved: no connection. Keep this page open, we'll try again."),
        "signed_out": _(
            "Not saved: you were signed out. Sign in again in another tab, then keep typing here."
        ),
        "act_offline": _("Not done: no connection. Keep this page open and try again in a moment."),
        "act_signed_out": _(
            "Not done: you were signed out. Sign in again in another tab, then press the button here again."
        ),
        "refused": _("Not saved: %s"),
        "conflict": _("Not saved: %s saved another version in the meantime. Choose below what to keep."),
        "leave": _("Some text has not been saved. Leave anyway?"),
        "open_now": _("Also open now: %s"),
        "newer": _("%s saved a newer text."),
        "load": _("Load it"),
        "theirs": _("Stored now"),
        "mine": _("Yours"),
        "take_theirs": _("Use the stored text"),
        "keep_mine": _("Use mine"),
        "took_theirs": _("Taken over, since you had not changed it"),
        "whole": _("The options differ in number, so choose one text as a whole. Copy from the other first."),
        "save_choice": _("Save my choice"),
        "take_all": _("Use the stored text for everything"),
        "blocks": _("Must be fixed before review"),
        "advice": _("Advice"),
        "nothing": _("No remarks."),
        "state_changed": _("Your change took this draft back to: %s"),
        "all": pgettext("languages of the editor", "Both"),
    }
