"""The sentences of losses and faults, by their code, in English; pages translate them where they show them.

`gettext_noop` marks them for the catalogs and returns what it is given: nothing here knows a framework.
"""

from collections.abc import Mapping
from typing import Final


def gettext_noop(message: str) -> str:
    """Mark a sentence for translation."""
    return message


LOSSES: Final[Mapping[str, str]] = {
    # Whole questions that are left out.
    "skipped_kind": gettext_noop(
        "Skipped: a question of the type “%(kind)s”. Only single and multiple choice can be imported."
    ),
    "skipped_partial": gettext_noop("Skipped: no option earns full credit, only %(weight)s %%."),
    "skipped_options": gettext_noop(
        "Skipped: the question has %(count)s options; 2 to %(most)s are possible."
    ),
    "skipped_alternatives": gettext_noop(
        "Skipped: %(count)s options each earn full credit, and only one can be selected."
    ),
    "skipped_interactions": gettext_noop("Skipped: the question has %(count)s interactions instead of one."),
    "skipped_calculated": gettext_noop("Skipped: the question is computed from a template."),
    "skipped_no_answer": gettext_noop("Skipped: the question doesn't say which answer is correct."),
    "skipped_version": gettext_noop(
        "Skipped: %(name)s. %(version)s can't be read. Export as QTI 2.1 or 2.2, Moodle XML or GIFT instead."
    ),
    "skipped_missing": gettext_noop("Skipped: %(name)s is not in the archive."),
    "skipped_resource": gettext_noop("Skipped: %(name)s is of the type “%(kind)s”, which is not a question."),
    # What is scored otherwise.
    "partial_credit": gettext_noop(
        "Partial credit (%(weights)s) is left out: an answer is either correct or incorrect."
    ),
    "all_or_nothing": gettext_noop(
        "Multiple choice gave credit for each correct option; here all are needed. Questions: %(count)s."
    ),
    "written_partial": gettext_noop(
        "Multiple choice is all or nothing here; the other system gives partial credit. Questions: %(count)s."
    ),
    "written_shuffle": gettext_noop("Moodle shuffles options that come from GIFT. Questions: %(count)s."),
    "negative_credit": gettext_noop("Negative credit (%(weights)s) is left out."),
    "penalty": gettext_noop("The penalty for each further try (%(value)s) is left out."),
    "default_penalty": gettext_noop("The usual penalty for further tries is left out. Questions: %(count)s."),
    "hint": gettext_noop("Hints for further tries are left out: %(count)s."),
    "grade": gettext_noop("The grade of %(value)s is left out: every question counts the same."),
    "scoring": gettext_noop("The question's own scoring rules are left out: its correct answer counts."),
    "shuffle": gettext_noop("Options were shuffled; here they keep their order. Questions: %(count)s."),
    "feedback": gettext_noop(
        "The feedback “%(field)s” is left out: it belongs to no option and no solution."
    ),
    "true_false": gettext_noop("A true or false question became single choice with two options."),
    # Names and labels.
    "title": gettext_noop("Titles beside an id are left out. Questions: %(count)s."),
    "no_source": gettext_noop(
        "Questions without an id are added again when the file is imported again. Questions: %(count)s."
    ),
    "description": gettext_noop("The text in %(name)s belongs to no question and is left out."),
    "worksheet": gettext_noop("The worksheet “%(name)s” is left out: only the first one is read."),
    "label": gettext_noop("The label “%(label)s” has no such value here. It became a plain tag."),
    # Texts.
    "element": gettext_noop("The formatting <%(name)s> is left out; its words are kept."),
    "rough": gettext_noop("Some formatting of a text is left out; its words are kept."),
    "removed": gettext_noop("<%(name)s> and all that was in it is left out."),
    "code_language": gettext_noop("Code in the language “%(name)s” is shown without a label."),
    "table_head": gettext_noop("A table has no row of headings. Its first row became one."),
    "style": gettext_noop("Colors, sizes and other styles are left out. Questions: %(count)s."),
    "link": gettext_noop("The link to “%(address)s” is left out; its words are kept."),
    "formula": gettext_noop("A text has a TeX formula. It is shown as it is written."),
    "other_language": gettext_noop("A text in another language (%(language)s) is left out."),
    # Images.
    "image_svg": gettext_noop("The image %(name)s is an SVG drawing. Drawings are not imported."),
    "figure_named": gettext_noop(
        "The drawing of the figure %(name)s is not imported. A question that has it here keeps it."
    ),
    "image_remote": gettext_noop("The image at “%(address)s” is not in the file. Images are never fetched."),
    "image_missing": gettext_noop("The image %(name)s is not in the file."),
    "image_kind": gettext_noop("The image %(name)s is not PNG, JPEG or WebP and is left out."),
    "image_large": gettext_noop(
        "The image %(name)s is left out: at most %(megabytes)s MB and %(megapixels)s megapixels are possible."
    ),
    "image_broken": gettext_noop("The image %(name)s is damaged and is left out."),
    "image_place": gettext_noop("The image %(name)s stands where no image can stand. It is left out."),
    "attachment": gettext_noop("The file %(name)s is left out: no text shows it."),
    # What a format has no place for, when items are written.
    "translation": gettext_noop("The translation (%(language)s) is left out."),
    "figure": gettext_noop("The figure %(name)s is only named. Its drawing is not in the file."),
    "markup": gettext_noop("The Markdown of “%(field)s” comes back written differently, with the same look."),
    "formatting": gettext_noop("Some formatting of “%(field)s” is not carried."),
    "field": gettext_noop("The format has no place for “%(field)s”."),
}

FAULTS: Final[Mapping[str, str]] = {
    # The file as a whole.
    "unknown_format": gettext_noop("There is no format “%(name)s” that can be read."),
    "file_size": gettext_noop("The file has more than %(most)s MB."),
    "time": gettext_noop("Reading the file takes longer than %(seconds)s seconds."),
    "empty": gettext_noop("There are no questions in the file."),
    "none_read": gettext_noop("None of the questions in the file can be imported."),
    "version": gettext_noop(
        "%(version)s can't be read. Export as QTI 2.1 or 2.2, Moodle XML or GIFT instead."
    ),
    "looks_like": gettext_noop("This looks like %(format)s. Choose that format."),
    "questions": gettext_noop("There are more than %(most)s questions."),
    "losses": gettext_noop("More than %(most)s things of this file could not be carried."),
    "encoding": gettext_noop("The text is not in UTF-8."),
    "encoding_csv": gettext_noop(
        "The text is not in UTF-8. In Excel, choose File, Save As, and the file type “CSV UTF-8”."
    ),
    "yaml_alias": gettext_noop("The file refers to its own parts with * or &, which is not allowed."),
    "image_name": gettext_noop(
        "The image %(name)s is not what its name says: names are made of the content."
    ),
    "image_bad": gettext_noop("The image %(name)s cannot be read."),
    # XML.
    "dtd": gettext_noop("The file contains a DTD, which is not allowed."),
    "entity": gettext_noop("The file declares an entity, which is not allowed."),
    "external": gettext_noop("The file refers to something outside, which is not allowed."),
    "xinclude": gettext_noop("The file contains an XInclude, which is not allowed."),
    "depth": gettext_noop("Elements are nested more than %(most)s deep."),
    "nodes": gettext_noop("The file has more than %(most)s elements and attributes."),
    "xml": gettext_noop("This is not well-formed XML: %(reason)s."),
    "root": gettext_noop("The file begins with <%(name)s> instead of <%(expected)s>."),
    # Archives.
    "zip": gettext_noop("This is not a readable ZIP archive."),
    "zip_entries": gettext_noop("The archive has more than %(most)s files."),
    "zip_size": gettext_noop("The archive unpacks to more than %(most)s MB."),
    "zip_ratio": gettext_noop("%(name)s unpacks to more than %(most)s times its size."),
    "zip_path": gettext_noop("%(name)s would be unpacked outside of the archive's folder."),
    "zip_link": gettext_noop("%(name)s is a link, which is not allowed in an archive."),
    "zip_encrypted": gettext_noop("%(name)s is encrypted."),
    "zip_nested": gettext_noop("%(name)s is an archive within the archive, which is not allowed."),
    "zip_method": gettext_noop("%(name)s is compressed by a method that is not allowed."),
    "zip_twice": gettext_noop("%(name)s is in the archive twice."),
    # Packages of QTI.
    "manifest": gettext_noop("There is no imsmanifest.xml in the archive."),
    "resource": gettext_noop("%(name)s is named in the manifest and not in the archive."),
    "unknown_choice": gettext_noop("The correct answer names “%(name)s”, which is not one of the choices."),
    # Tables.
    "formula": gettext_noop(
        "The cell %(cell)s contains a formula. Put an apostrophe before it to make it text."
    ),
    "macro": gettext_noop("The workbook contains macros, which are not allowed."),
    "cell_error": gettext_noop("The cell %(cell)s shows the error %(value)s."),
    "cell_kind": gettext_noop("The cell %(cell)s is neither text nor a number."),
    "no_head": gettext_noop("The first row must name the columns; %(missing)s is missing."),
    "unknown_column": gettext_noop("There is no column “%(name)s”. Possible are: %(known)s."),
    "column_twice": gettext_noop("The column “%(name)s” appears twice."),
    "cells": gettext_noop("The row has %(found)s cells instead of %(expected)s."),
    "quotes": gettext_noop("The quotation marks of this row do not match."),
    "rows": gettext_noop("There are more than %(most)s rows."),
    "no_original": gettext_noop("The translation comes before its question, or the question is missing."),
    "language_twice": gettext_noop("There are two rows of this question in the language “%(language)s”."),
    "value": gettext_noop("“%(field)s” is “%(value)s”; possible are: %(known)s."),
    "key_letter": gettext_noop("“%(value)s” is not the letter of an option."),
    "option_gap": gettext_noop("The option %(letter)s is missing, and a later one is there."),
    "translated_options": gettext_noop("The translation has other options than the question."),
    "reference": gettext_noop("“%(value)s” is not a reference; write: Title <https://…>"),
    # Questions.
    "brace": gettext_noop("A brace is missing: answers are written between { and }."),
    "answers": gettext_noop("The answers cannot be understood: “%(text)s”."),
    "weight": gettext_noop("“%(text)s” is not a weight."),
    "aiken": gettext_noop(
        "Expected a question, options such as “A. …” and then “ANSWER: A”; found “%(text)s”."
    ),
    "no_answer_line": gettext_noop("After its options, the question has no line such as “ANSWER: A”."),
    "no_id": gettext_noop("The question has no id."),
    "id_long": gettext_noop("The id has more than %(most)s characters."),
    "id_twice": gettext_noop("The id “%(name)s” appears twice."),
    "no_stem": gettext_noop("The question has no text."),
    "no_option_text": gettext_noop("The option %(letter)s has no text."),
    "few_options": gettext_noop("The question has fewer than two options."),
    "no_key": gettext_noop("No option is correct."),
    "all_keys": gettext_noop("All options are correct."),
    "two_keys": gettext_noop("Single choice has %(count)s correct options."),
    "control": gettext_noop("“%(field)s” contains the control character U+%(sign)s."),
    "direction": gettext_noop("“%(field)s” contains U+%(sign)s, which changes the direction of text."),
    "too_long": gettext_noop("“%(field)s” has more than %(most)s characters."),
}
