"""People, their preferences, API tokens and wrong passwords in the admin."""

from typing import Any, ClassVar

from axes.models import AccessAttempt
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, StackedInline
from unfold.decorators import action
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminRadioSelectWidget

from accounts.access import support
from accounts.admin import person
from accounts.admin.acts import ActsWithReason, ReasonForm
from accounts.admin.readonly import ReadOnlyAdmin
from accounts.base.errors import Text
from accounts.email_verification import services as confirmation
from accounts.privacy import second_factor
from accounts.privacy import services as privacy
from accounts.profile import selectors as profiles
from accounts.profile import services as profile_services
from accounts.profile.models import Accommodation, Profile
from accounts.users.models import ApiToken, User


class CreationForm(UserCreationForm):  # type: ignore[misc]
    """Make a person by email address."""

    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ("email",)
        field_classes: ClassVar[dict[str, Any]] = {}


class ChangeForm(UserChangeForm):  # type: ignore[misc]
    """Change a person; there is no user name."""

    class Meta:
        model = User
        fields = "__all__"
        field_classes: ClassVar[dict[str, Any]] = {}


class NoDeletion:
    """Takes deletion out of the admin: with a person their attempts, scores and audit trail would go."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody may."""
        return False


class ProfileInline(StackedInline):  # type: ignore[misc]
    """The preferences of the person, extra time among them."""

    model = Profile
    can_delete = False
    extra = 0
    max_num = 1


class RemovalForm(ReasonForm):
    """Which kinds of second factor are lost, all of them unless said otherwise, and why they are removed."""

    kinds = forms.MultipleChoiceField(
        label=_("Remove"),
        choices=list(second_factor.KINDS.items()),
        initial=list(second_factor.KINDS),
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )
    field_order = ("kinds", "reason")


class ExtraTimeForm(forms.Form):
    """How much; never why."""

    accommodation = forms.ChoiceField(
        label=_("Extra time"),
        help_text=_("It applies to exams started from now on. Why they have it is recorded nowhere."),
        choices=Accommodation.choices,
        widget=UnfoldAdminRadioSelectWidget(),
    )


def set_extra_time(*, actor: User, person_id: int, accommodation: str) -> Text:
    """Set the extra time of a person; return what is told. Raises Refused."""
    support.set_extra_time(actor=actor, person_id=person_id, accommodation=accommodation)
    return _("The extra time is set. The candidate gets an email.")


def of_second_factor(row: User) -> list[tuple[Any, Any]]:
    """Return which kinds somebody has."""
    kinds = [str(second_factor.KINDS[kind]) for kind in second_factor.kinds_of(row)]
    return [(_("Two-step sign-in"), ", ".join(kinds))]


class People(ChangeList):  # type: ignore[misc]
    """The list of people: each leads to their page."""

    def url_for_result(self, result: User) -> str:
        """Return the page of a person."""
        return person.url_of(result.pk)


@admin.register(User)
class UserAdmin(NoDeletion, DjangoUserAdmin, ActsWithReason):  # type: ignore[type-arg]
    """People: found by address, closed rather than deleted."""

    form = ChangeForm
    add_form = CreationForm
    change_password_form = AdminPasswordChangeForm
    inlines = (ProfileInline,)
    ordering = ("email",)
    list_display = ("email", "is_active", "is_staff", "date_joined", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser", "groups")
    search_fields = ("email",)
    readonly_fields = ("last_login", "date_joined")
    actions = ("close_accounts",)
    actions_detail = ("remove_second_factor", "set_extra_time")
    row_argument = "person_id"
    never_on_own = True
    # The pair of lists with arrows is wider than a phone; there are four groups.
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (_("Permissions"), {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),
    )

    def get_urls(self) -> list[URLPattern]:
        """Add the page of a person, and each of its panels."""
        view = self.admin_site.admin_view
        own = [
            path("<int:person_id>/person/", view(self.person), name="accounts_user_person"),
            path("<int:person_id>/person/<slug:panel>/", view(self.person), name="accounts_user_panel"),
        ]
        return own + list(super().get_urls())

    def person(self, request: HttpRequest, person_id: int, panel: str = "") -> HttpResponse:
        """Show a person as support sees them."""
        user = self.get_object(request, str(person_id))
        if not self.has_view_permission(request, user):
            raise PermissionDenied
        if not isinstance(user, User):
            raise Http404
        context = {**self.admin_site.each_context(request), "opts": self.opts, "original": user}
        if panel:
            return person.show_panel(request, user, panel, context)
        return person.show(request, user, context)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401
        """Edit an account; lead who may only look to the page of the person, which shows no password hash."""
        may_look = self.has_view_permission(request) and not self.has_change_permission(request)
        if may_look and object_id.isdecimal() and request.method in ("GET", "HEAD"):
            return HttpResponseRedirect(person.url_of(int(object_id)))
        reply: HttpResponse = super().change_view(request, object_id, *args, **kwargs)
        return reply

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[People]:  # noqa: ANN401
        """Lead from the list to the page of each person."""
        return People

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:  # type: ignore[type-arg]
        """Save; end all that an account had which was closed here, and an address which was replaced."""
        if change and "is_active" in form.changed_data and not obj.is_active:
            privacy.close(User.objects.filter(pk=obj.pk))
        super().save_model(request, obj, form, change)
        old = form.initial.get("email", "")
        if change and old.lower() != obj.email.lower():
            confirmation.replace_address(obj, old)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: ANN401
        """Store the preferences by the service that the profile page uses."""
        formset.save(commit=False)
        for row in formset.forms:
            update_profile(form.instance, row)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:  # noqa: A002, ANN401
        """Set a password, and end all sessions and tokens of this person."""
        reply = super().user_change_password(request, id, form_url)
        if request.method == "POST" and reply.status_code == 302:
            changed = self.get_object(request, id)
            if isinstance(changed, User):
                # Django's own page leaves tokens and leases of the old password alone.
                privacy.end_sessions(changed)
        return reply

    def person_of(self, row: User) -> int:
        """The person themselves."""
        return row.pk

    def obstacle(self, request: HttpRequest, row: User, act: str) -> Text:
        """Nobody acts on themselves, and of staff only an administrator removes anything."""
        if act == "set_extra_time":
            return person.extra_time_obstacle(row, request.user)
        return person.removal_obstacle(row, request.user)

    def facts_of(self, row: User) -> list[tuple[Any, Any]]:
        """Who it is."""
        return [(_("Email address"), row.email)]

    def has_second_factor_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ANN401
        """Support and administrators."""
        return request.user.has_perm("accounts.remove_second_factor")

    @action(  # type: ignore[untyped-decorator]
        description=_("Remove the second factor"), url_path="second-factor", permissions=["second_factor"]
    )
    def remove_second_factor(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let somebody in who has lost it."""
        title = _("Remove the second factor")
        return self._act(
            *(request, object_id, RemovalForm, title, _("Remove"), second_factor.remove),
            more_facts=of_second_factor,
        )

    def has_extra_time_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ANN401
        """Support and administrators."""
        return request.user.has_perm(support.EXTRA_TIME_PERMISSION)

    @action(description=_("Set extra time"), url_path="extra-time", permissions=["extra_time"])  # type: ignore[untyped-decorator]
    def set_extra_time(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Set what somebody has in every exam."""
        user = self.get_object(request, object_id)
        initial = {"accommodation": profiles.of(user).accommodation} if isinstance(user, User) else {}
        title = _("Set extra time")
        return self._act(request, object_id, ExtraTimeForm, title, _("Set"), set_extra_time, initial)

    @admin.action(description=_("Close selected accounts"), permissions=["change"])
    def close_accounts(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Close accounts: nobody can sign in to them, sessions and tokens end."""
        closed = privacy.close(queryset.exclude(pk=request.user.pk or 0))
        text = ngettext("%(count)d account is closed.", "%(count)d accounts are closed.", closed)
        self.message_user(request, text % {"count": closed}, messages.SUCCESS)


@admin.register(Profile)
class ProfileAdmin(NoDeletion, ModelAdmin):  # type: ignore[misc]
    """Preferences, to look for who has extra time."""

    list_display = ("user", "ui_language", "content_language", "time_zone", "accommodation")
    list_filter = ("accommodation", "ui_language")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    readonly_fields = ("user",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows are made with their person."""
        return False

    def save_model(
        self, request: HttpRequest, obj: Profile, form: "ModelForm[Profile]", change: bool
    ) -> None:
        """Store the preferences by the service that the profile page uses."""
        update_profile(obj.user, form)


def update_profile(user: User, form: "ModelForm[Profile]") -> None:
    """Store what was changed in this form; nothing when it was left alone."""
    changes = {name: form.cleaned_data[name] for name in form.changed_data if name != "user"}
    if changes:
        profile_services.update(user, **changes)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Tokens, read only. The hash is not shown: it is of no use to anybody."""

    list_display = ("prefix", "name", "user", "created_at", "last_used_at", "expires_at", "revoked_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "name", "prefix")
    fields = list_display
    readonly_fields = list_display
    actions = ("revoke",)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Who may change tokens may end them."""
        return request.user.has_perm("accounts.change_apitoken")

    @admin.action(description=_("Revoke selected tokens"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        """End tokens at once."""
        count = sum(privacy.revoke_token(token.user, token.pk) for token in queryset.select_related("user"))
        text = ngettext("%(count)d token is revoked.", "%(count)d tokens are revoked.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)


LABELS = {
    "username": _("account"),
    "ip_address": _("IP address"),
    "user_agent": _("browser"),
    "path_info": _("page"),
    "attempt_time": _("last failure"),
    "failures_since_start": _("failures"),
}
AccessAttempt._meta.verbose_name = _("failed sign-in")
AccessAttempt._meta.verbose_name_plural = _("failed sign-ins")
for name, label in LABELS.items():
    AccessAttempt._meta.get_field(name).verbose_name = label


@admin.register(AccessAttempt)
class FailedSignInAdmin(ReadOnlyAdmin):
    """Accounts and addresses with wrong passwords: looked at, and deleted by administrators."""

    list_display = ("username", "ip_address", "attempt_time", "failures_since_start")
    fields = tuple(LABELS)
    search_fields = ("username", "ip_address")
    actions = ()
    has_delete_permission = ModelAdmin.has_delete_permission
