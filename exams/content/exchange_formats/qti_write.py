"""Packages of QTI 2.2, written: one file for each item, a manifest with LOM, images beside the items."""

import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from exams.content.exchange_formats.drawings import Drawings
from exams.content.exchange_formats.labels import labels_of
from exams.content.exchange_formats.markup import Markup, checked
from exams.content.exchange_formats.qti_package import MANIFEST
from exams.content.exchange_formats.sections import solution_html
from exams.content.exchange_formats.shape import Loss, Picture, Written, written_loss
from exams.content.records import WholeItem
from exams.kinds.kinds import KINDS

ITEM_SPACE: Final = "http://www.imsglobal.org/xsd/imsqti_v2p2"
PACKAGE_SPACE: Final = "http://www.imsglobal.org/xsd/imscp_v1p1"
LOM_SPACE: Final = "http://ltsc.ieee.org/xsd/LOM"
FOLDER: Final = "items/"
DATE: Final = (2000, 1, 1, 0, 0, 0)
"""Files have no date of their own: equal items make equal packages."""
ALIGNED: Final = re.compile(r' style="text-align:(left|right|center)"')
DECLARED: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
SCORE: Final = """\
  <responseProcessing>
    <responseCondition>
      <responseIf>
        <match><variable identifier="RESPONSE"/><correct identifier="RESPONSE"/></match>
        <setOutcomeValue identifier="SCORE"><baseValue baseType="float">1</baseValue></setOutcomeValue>
      </responseIf>
      <responseElse>
        <setOutcomeValue identifier="SCORE"><baseValue baseType="float">0</baseValue></setOutcomeValue>
      </responseElse>
    </responseCondition>
    <setOutcomeValue identifier="FEEDBACK"><variable identifier="RESPONSE"/></setOutcomeValue>
    <setOutcomeValue identifier="SOLUTION">
      <baseValue baseType="identifier">SOLUTION</baseValue>
    </setOutcomeValue>
  </responseProcessing>
"""


def write_qti(items: Iterable[WholeItem], pictures: Mapping[str, Picture]) -> Written:
    """Write a package of items, each in its original language."""
    losses: list[Loss] = []
    resources: list[str] = []
    packed: dict[str, bytes] = {}
    for number, item in enumerate(checked(items), start=1):
        drawings, name = Drawings(item, pictures), f"q{number:04d}"
        packed[f"{FOLDER}{name}.xml"] = _item(item, name, drawings, losses).encode()
        files = {f"{FOLDER}{drawings.path(one)}": drawings.data(one) for one in drawings.names}
        packed |= files
        resources.append(_resource(item, name, files))
        losses += _left_out(item, drawings)
    manifest = (
        f'{DECLARED}<manifest xmlns="{PACKAGE_SPACE}" identifier="passline">\n'
        "  <metadata><schema>QTIv2.2 Package</schema><schemaversion>1.0.0</schemaversion></metadata>\n"
        f"  <organizations/>\n  <resources>\n{''.join(resources)}  </resources>\n</manifest>\n"
    )
    return Written(_packed({MANIFEST: manifest.encode(), **packed}), tuple(losses))


def _packed(files: Mapping[str, bytes]) -> bytes:
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = ZipInfo(name, DATE)
            entry.compress_type = ZIP_DEFLATED
            archive.writestr(entry, data)
    return written.getvalue()


def _left_out(item: WholeItem, drawings: Drawings) -> Iterator[Loss]:
    name = item.record.id
    for language in item.texts:
        yield written_loss(name, "translation", language=language)
    for one in drawings.missing:
        yield written_loss(name, "figure", name=one)


def _resource(item: WholeItem, name: str, files: Iterable[str]) -> str:
    language = escape(item.language)
    keywords = "".join(
        f'<keyword><string language="{language}">{escape(label)}</string></keyword>'
        for label in labels_of(item)
    )
    entry = escape(item.source or item.record.id)
    lom = (
        f'<lom xmlns="{LOM_SPACE}"><general>'
        f"<identifier><catalog>passline</catalog><entry>{entry}</entry></identifier>"
        f'<title><string language="{language}">{escape(item.record.id)}</string></title>'
        f"<language>{language}</language>{keywords}</general></lom>"
    )
    rows = "".join(f'      <file href="{escape(one)}"/>\n' for one in (f"{FOLDER}{name}.xml", *files))
    return (
        f'    <resource identifier="{name}" type="imsqti_item_xmlv2p2" href="{FOLDER}{name}.xml">\n'
        f"      <metadata>{lom}</metadata>\n{rows}    </resource>\n"
    )


def _item(item: WholeItem, name: str, drawings: Drawings, losses: list[Loss]) -> str:
    record = item.record
    markup = Markup(item, lambda one: drawings.path(one) or f"figure:{one}")
    cardinality = KINDS[item.traits.kind].cardinality
    keys = "".join(f"<value>{key}</value>" for key in record.keys)
    choices, feedback = [], []
    for option in record.options:
        letter = option.letter
        text = markup.option(f"option_{letter.lower()}", option.text)
        choices.append(f'      <simpleChoice identifier="{letter}">{text}</simpleChoice>\n')
        if option.why:
            feedback.append(_modal("FEEDBACK", letter, markup.block(f"why_{letter.lower()}", option.why)))
    if solution := solution_html(record.explanation, record.references, markup.block):
        feedback.append(_modal("SOLUTION", "SOLUTION", solution))
    prompt = f"      <prompt>{markup.line('ask', record.ask)}</prompt>\n" if record.ask else ""
    body = f"    {markup.block('stem', record.stem)}\n"
    losses += markup.losses
    text = (
        f'{DECLARED}<assessmentItem xmlns="{ITEM_SPACE}" identifier="{name}" title="{escape(record.id)}"'
        f' adaptive="false" timeDependent="false" xml:lang="{escape(item.language)}">\n'
        f'  <responseDeclaration identifier="RESPONSE" cardinality="{cardinality}" baseType="identifier">\n'
        f"    <correctResponse>{keys}</correctResponse>\n  </responseDeclaration>\n"
        f"{_outcomes(cardinality)}  <itemBody>\n{body}"
        '    <choiceInteraction responseIdentifier="RESPONSE" shuffle="false"'
        f' maxChoices="{item.traits.choose}">\n'
        f"{prompt}{''.join(choices)}    </choiceInteraction>\n  </itemBody>\n"
        f"{SCORE}{''.join(feedback)}</assessmentItem>\n"
    )
    # QTI has no styles: what is aligned is named by a class.
    return ALIGNED.sub(r' class="align-\1"', text)


def _outcomes(cardinality: str) -> str:
    return (
        '  <outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float">\n'
        "    <defaultValue><value>0</value></defaultValue>\n  </outcomeDeclaration>\n"
        f'  <outcomeDeclaration identifier="FEEDBACK" cardinality="{cardinality}" baseType="identifier"/>\n'
        '  <outcomeDeclaration identifier="SOLUTION" cardinality="single" baseType="identifier"/>\n'
    )


def _modal(outcome: str, name: str, html: str) -> str:
    return (
        f'  <modalFeedback outcomeIdentifier="{outcome}" identifier="{name}" showHide="show">'
        f"{html}</modalFeedback>\n"
    )
