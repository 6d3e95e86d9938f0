"""What can be wrong with a request about files, collections, documents and jobs."""

from contracts.errors import ErrorKind, StoreError


class FileNotFound(StoreError):
    """There is no such file, as far as the caller may know."""

    kind = ErrorKind.NOT_FOUND
    code = "file_not_found"


class CollectionNotFound(StoreError):
    """There is no such collection, as far as the caller may know."""

    kind = ErrorKind.NOT_FOUND
    code = "vector_store_not_found"


class DocumentNotFound(StoreError):
    """The file is not in the collection."""

    kind = ErrorKind.NOT_FOUND
    code = "file_not_in_vector_store"


class FileBatchNotFound(StoreError):
    """The collection has no such batch."""

    kind = ErrorKind.NOT_FOUND
    code = "file_batch_not_found"


class PassageNotFound(StoreError):
    """There is no such passage, as far as the caller may know."""

    kind = ErrorKind.NOT_FOUND
    code = "passage_not_found"


class FileTooLarge(StoreError):
    """The upload is over the limit."""

    kind = ErrorKind.TOO_LARGE
    code = "file_too_large"


class PurposeNotSupported(StoreError):
    """Files are uploaded for assistants."""

    kind = ErrorKind.INVALID
    code = "purpose_not_supported"


class WebPagesOff(StoreError):
    """This installation reads no web pages."""

    kind = ErrorKind.FORBIDDEN
    code = "web_pages_off"


class NotAWebPage(StoreError):
    """The file was uploaded: there is nothing to fetch."""

    kind = ErrorKind.CONFLICT
    code = "not_a_web_page"


class ExpiryNotSupported(StoreError):
    """Files are kept until somebody deletes them."""

    kind = ErrorKind.INVALID
    code = "unsupported_parameter"


class NotTheKeeper(StoreError):
    """The caller may read this knowledge, but not change it."""

    kind = ErrorKind.FORBIDDEN
    code = "not_the_keeper"


class NotTheReader(StoreError):
    """The caller may know of this knowledge, and let assistants read it, but not read it."""

    kind = ErrorKind.FORBIDDEN
    code = "not_the_reader"


class NothingToRetry(StoreError):
    """Only a failed document can be tried again."""

    kind = ErrorKind.CONFLICT
    code = "nothing_to_retry"


class StillReading(StoreError):
    """A document is replaced when its reading has ended, one way or the other."""

    kind = ErrorKind.CONFLICT
    code = "still_reading"


class FileThereAlready(StoreError):
    """The file is a document of the collection already, and cannot replace another."""

    kind = ErrorKind.CONFLICT
    code = "file_there_already"


class JobNotFound(StoreError):
    """There is no such document version."""

    kind = ErrorKind.NOT_FOUND
    code = "job_not_found"


class JobNotClaimable(StoreError):
    """Another worker holds the job, or it has ended."""

    kind = ErrorKind.CONFLICT
    code = "job_not_claimable"


class LeaseLost(StoreError):
    """The job has been given to somebody else, or has ended: stop at once."""

    kind = ErrorKind.CONFLICT
    code = "lease_lost"


class NotYourJobs(StoreError):
    """Only a service that may write handles jobs."""

    kind = ErrorKind.FORBIDDEN
    code = "not_a_worker"


class TextMissing(StoreError):
    """Passages point into a text that was never stored."""

    kind = ErrorKind.CONFLICT
    code = "text_missing"


class SpanOutsideText(StoreError):
    """A passage lies outside the text of its version."""

    kind = ErrorKind.UNPROCESSABLE
    code = "span_outside_text"


class StageNotReportable(StoreError):
    """A worker reports the stages it works in; the others are the gateway's to say."""

    kind = ErrorKind.INVALID
    code = "stage_not_reportable"


class NotFinished(StoreError):
    """A version is shown only after it was given its epoch."""

    kind = ErrorKind.CONFLICT
    code = "not_finished"


class TextNotStorable(StoreError):
    """The text holds NUL characters, which no reader ever sees and PostgreSQL cannot keep."""

    kind = ErrorKind.UNPROCESSABLE
    code = "text_not_storable"


class PagePictureNotFound(StoreError):
    """There is no picture of that page."""

    kind = ErrorKind.NOT_FOUND
    code = "page_picture_not_found"


class NotAPicture(StoreError):
    """What a worker drew is larger than a picture may be, or none."""

    kind = ErrorKind.UNPROCESSABLE
    code = "not_a_picture"


class JobsNotYours(StoreError):
    """What a workspace reads is the affair of those who run it."""

    kind = ErrorKind.FORBIDDEN
    code = "jobs_not_yours"
