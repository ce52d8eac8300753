"""Guidance and questionnaires point at each other."""

from portal.guidance import content
from portal.guidance.topics import topics
from portal.questionnaires import model


def test_every_page_that_a_questionnaire_points_to_exists_and_topics_name_its_questions() -> None:
    published = [model.load(id_, version) for id_, version in model.published()]
    assert published
    explained = topics(published)
    assert set(explained) <= set(content.slugs())
    for slug in ("end-use", "end-user", "red-flags", "strategic-minerals"):
        assert explained[slug], f"no question points to {slug}"
    pointing = [page.title for one in published for section in one.sections for page in section.pages if page.guidance]
    assert {title.en for entry in explained.values() for topic in entry for title in topic.pages} == {
        title.en for title in pointing
    }
