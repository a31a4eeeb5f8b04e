"""Every code of the linter: the file (F0xx), what its parts refer to (F1xx), structure (F2xx), data (F3xx), telephony (F4xx).

docs/lint.md shows a bad and a good example of each; a test runs them. Errors of F2xx to F4xx are those without which a call
cannot get stuck, loop for ever, read an unset variable or end without a result.
"""

from callengine.fsm.findings import Code, Severity

NOT_UTF8 = Code("F001", Severity.ERROR, "the file is not UTF-8 text")
TOO_LARGE = Code("F002", Severity.ERROR, "the file is too large")
FORBIDDEN_CHARACTER = Code("F003", Severity.ERROR, "a control character or one that reorders text")
BYTE_ORDER_MARK = Code("F004", Severity.WARNING, "the file begins with a byte-order mark")
SYNTAX = Code("F005", Severity.ERROR, "the file is not YAML")
SEVERAL_DOCUMENTS = Code("F006", Severity.ERROR, "more than one document in the file")
EMPTY = Code("F007", Severity.ERROR, "nothing in the file")
TOO_DEEP = Code("F008", Severity.ERROR, "nested too deeply")
ALIAS = Code("F009", Severity.ERROR, "an anchor or an alias")
TAG = Code("F010", Severity.ERROR, "a tag")
DUPLICATE_KEY = Code("F011", Severity.ERROR, "a key stands twice in one mapping")
KEY_NOT_TEXT = Code("F012", Severity.ERROR, "a key that is not text")
UNKNOWN_KEY = Code("F013", Severity.ERROR, "an unknown key")
MISSING_KEY = Code("F014", Severity.ERROR, "a required key is missing")
WRONG_TYPE = Code("F015", Severity.ERROR, "a value of the wrong type")
UNKNOWN_STEP_TYPE = Code("F016", Severity.ERROR, "an unknown step type")
VALUE_NOT_ALLOWED = Code("F017", Severity.ERROR, "a value that is not allowed")

UNKNOWN_STEP = Code("F101", Severity.ERROR, "a step that does not exist")
UNKNOWN_PROMPT = Code("F102", Severity.ERROR, "a prompt that does not exist")
UNKNOWN_INTENT = Code("F103", Severity.ERROR, "a route for an intent that is not declared")
UNUSED_TOKENS = Code("F104", Severity.WARNING, "fallback tokens for an intent that is not declared")
UNKNOWN_PLACEHOLDER = Code("F105", Severity.ERROR, "a placeholder that nothing fills")
UNKNOWN_MEDIA = Code("F106", Severity.ERROR, "a prompt that is no media URI")
DUPLICATE_STEP = Code("F107", Severity.ERROR, "two steps of one flow with the same id")
NO_ENTRY = Code("F108", Severity.ERROR, "a flow without an entry")
SEVERAL_ENTRIES = Code("F109", Severity.ERROR, "a flow with several entries")
UNKNOWN_SUBFLOW = Code("F110", Severity.ERROR, "a subflow that does not exist")
CIRCULAR_SUBFLOW = Code("F111", Severity.ERROR, "a subflow that uses itself")
UNKNOWN_RETURN = Code("F112", Severity.ERROR, "a route for an outcome that a subflow does not have")
MISSING_RETURN = Code("F113", Severity.ERROR, "an outcome of a subflow without a route")
STRAY_RETURN = Code("F114", Severity.ERROR, "a `return` outside of a subflow")
SHARED_COUNTER = Code("F115", Severity.ERROR, "a counter of a subflow's own that something else uses")
TOO_MANY_STEPS = Code("F116", Severity.ERROR, "a flow that is too large with its subflows")
UNUSED_SUBFLOW = Code("F117", Severity.WARNING, "a subflow that no flow uses")

UNREACHABLE_STEP = Code("F201", Severity.WARNING, "a step that nothing leads to")
NO_END = Code("F202", Severity.ERROR, "no end can be reached")
UNBOUNDED_LOOP = Code("F203", Severity.ERROR, "a loop without a bound")
IMPATIENT_LOOP = Code("F204", Severity.WARNING, "a loop that never waits for the caller")
MISSING_ROUTE = Code("F205", Severity.WARNING, "a declared intent without a route")
DEFAULT_OUTCOME = Code("F206", Severity.WARNING, "an outcome left to its default")

UNSET_VARIABLE = Code("F301", Severity.ERROR, "a variable that may not be set")
NO_RESULT = Code("F302", Severity.ERROR, "a call may end without a result")
LOST_RESULT = Code("F303", Severity.WARNING, "a result that is overwritten before it can count")
UNKNOWN_RESULT = Code("F304", Severity.WARNING, "a result that panels do not know")
AMBIGUOUS_NAME = Code("F305", Severity.WARNING, "one name for two things")
UNKNOWN_FIELD = Code("F306", Severity.ERROR, "a field that no contact has")
UNFIT_TEST = Code("F307", Severity.WARNING, "a test that does not fit what it tests")

TOO_LONG = Code("F401", Severity.WARNING, "a call can last too long")
DEAD_AIR = Code("F402", Severity.WARNING, "the caller may hear nothing for too long")
NO_HOLD_AUDIO = Code("F403", Severity.HINT, "a transfer without hold audio")
WORDLESS_END = Code("F404", Severity.HINT, "a call may end without a word")
UNTRUE_CONNECTION = Code("F405", Severity.WARNING, "`connected_to_operator` without a transfer that succeeded")

CODES = (
    NOT_UTF8,
    TOO_LARGE,
    FORBIDDEN_CHARACTER,
    BYTE_ORDER_MARK,
    SYNTAX,
    SEVERAL_DOCUMENTS,
    EMPTY,
    TOO_DEEP,
    ALIAS,
    TAG,
    DUPLICATE_KEY,
    KEY_NOT_TEXT,
    UNKNOWN_KEY,
    MISSING_KEY,
    WRONG_TYPE,
    UNKNOWN_STEP_TYPE,
    VALUE_NOT_ALLOWED,
    UNKNOWN_STEP,
    UNKNOWN_PROMPT,
    UNKNOWN_INTENT,
    UNUSED_TOKENS,
    UNKNOWN_PLACEHOLDER,
    UNKNOWN_MEDIA,
    DUPLICATE_STEP,
    NO_ENTRY,
    SEVERAL_ENTRIES,
    UNKNOWN_SUBFLOW,
    CIRCULAR_SUBFLOW,
    UNKNOWN_RETURN,
    MISSING_RETURN,
    STRAY_RETURN,
    SHARED_COUNTER,
    TOO_MANY_STEPS,
    UNUSED_SUBFLOW,
    UNREACHABLE_STEP,
    NO_END,
    UNBOUNDED_LOOP,
    IMPATIENT_LOOP,
    MISSING_ROUTE,
    DEFAULT_OUTCOME,
    UNSET_VARIABLE,
    NO_RESULT,
    LOST_RESULT,
    UNKNOWN_RESULT,
    AMBIGUOUS_NAME,
    UNKNOWN_FIELD,
    UNFIT_TEST,
    TOO_LONG,
    DEAD_AIR,
    NO_HOLD_AUDIO,
    WORDLESS_END,
    UNTRUE_CONNECTION,
)
"""The one table of them."""
