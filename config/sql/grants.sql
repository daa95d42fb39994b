-- After every migration, by the owner: from which tables the app may delete. Safe to repeat.
DO $$
DECLARE
  kept CONSTANT text[] := ARRAY[
    'exams_attempt', 'exams_answerevent', 'exams_refusedanswer', 'exams_score', 'exams_attemptaudit',
    'exams_paper', 'django_migrations'
  ];
  place record;
BEGIN
  FOR place IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    IF place.tablename = ANY (kept) THEN
      EXECUTE format('REVOKE DELETE, TRUNCATE ON public.%I FROM passline_app', place.tablename);
    ELSE
      EXECUTE format('GRANT DELETE ON public.%I TO passline_app', place.tablename);
    END IF;
  END LOOP;
  REVOKE INSERT, UPDATE ON public.django_migrations FROM passline_app;
END $$;
